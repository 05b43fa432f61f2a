/* SPDX-License-Identifier: MIT */
/* Numeric IP addresses: parsing, and which of them tell nothing about where a machine is. */
#ifndef TOKTAPE_ADDRESS_H
#define TOKTAPE_ADDRESS_H

struct address {
    int version;             /* 4 or 6; an IPv4 address mapped into IPv6 counts as 4 */
    unsigned char bytes[16]; /* network order; the first 4 for version 4, the others zero */
};

enum address_scope {
    ADDRESS_LOOPBACK, /* this machine; the unspecified address as well, because connecting to it arrives here
                       */
    ADDRESS_PRIVATE,  /* private, link-local, unique-local and shared (100.64/10) ranges */
    ADDRESS_PUBLIC
};

/* Takes "127.0.0.1", "::1", "[::1]", "fe80::1%eth0" (the zone is dropped). TT_SYNTAX for anything else, host
 * names included; *a is untouched then. */
int address_parse(struct address *a, const char *text);

/* From the 4 or 16 bytes of a socket address. */
void address_from_bytes(struct address *a, int version, const void *bytes);

enum address_scope address_scope(const struct address *a);
int address_is_unspecified(const struct address *a); /* 0.0.0.0 or :: */
int address_equal(const struct address *a, const struct address *b);

#endif
