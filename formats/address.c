/* SPDX-License-Identifier: MIT */
#include "formats/address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "formats/error.h"

/* A range: the first `bits` bits of an address of that version equal those of `prefix`. */
struct range {
    int version, bits;
    unsigned char prefix[2];
    enum address_scope scope;
};

static const struct range ranges[] = {
    {4, 8, {127, 0}, ADDRESS_LOOPBACK},    {4, 8, {10, 0}, ADDRESS_PRIVATE},
    {4, 12, {172, 16}, ADDRESS_PRIVATE},   {4, 16, {192, 168}, ADDRESS_PRIVATE},
    {4, 16, {169, 254}, ADDRESS_PRIVATE},  {4, 10, {100, 64}, ADDRESS_PRIVATE},
    {6, 7, {0xfc, 0x00}, ADDRESS_PRIVATE}, {6, 10, {0xfe, 0x80}, ADDRESS_PRIVATE},
};

static int is_mapped_ipv4(const unsigned char bytes[16])
{
    static const unsigned char prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(bytes, prefix, sizeof prefix) == 0;
}

void address_from_bytes(struct address *a, int version, const void *bytes)
{
    const unsigned char *from = bytes;
    int mapped = version == 6 && is_mapped_ipv4(from);
    memset(a, 0, sizeof *a);
    a->version = mapped ? 4 : version;
    memcpy(a->bytes, mapped ? from + 12 : from, a->version == 4 ? 4 : 16);
}

int address_parse(struct address *a, const char *text)
{
    char plain[64];
    unsigned char bytes[16];
    if (*text == '[')
        text++;
    size_t len = strcspn(text, "%]");
    if (len >= sizeof plain)
        return TT_SYNTAX;
    memcpy(plain, text, len);
    plain[len] = '\0';
    int version = strchr(plain, ':') ? 6 : 4;
    if (inet_pton(version == 6 ? AF_INET6 : AF_INET, plain, bytes) != 1)
        return TT_SYNTAX;
    address_from_bytes(a, version, bytes);
    return TT_OK;
}

static int in_range(const struct address *a, const struct range *r)
{
    unsigned have = (unsigned)a->bytes[0] << 8 | a->bytes[1];
    unsigned want = (unsigned)r->prefix[0] << 8 | r->prefix[1];
    return a->version == r->version && have >> (16 - r->bits) == want >> (16 - r->bits);
}

int address_is_unspecified(const struct address *a)
{
    static const unsigned char zero[16];
    return memcmp(a->bytes, zero, sizeof zero) == 0;
}

static int is_ipv6_loopback(const struct address *a)
{
    static const unsigned char one[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return a->version == 6 && memcmp(a->bytes, one, sizeof one) == 0;
}

enum address_scope address_scope(const struct address *a)
{
    if (address_is_unspecified(a) || is_ipv6_loopback(a))
        return ADDRESS_LOOPBACK;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (in_range(a, &ranges[i]))
            return ranges[i].scope;
    }
    return ADDRESS_PUBLIC;
}

int address_equal(const struct address *a, const struct address *b)
{
    return a->version == b->version && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
