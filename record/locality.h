/* SPDX-License-Identifier: MIT */
/* Whether an engine's address is this machine: only then do its memory and power belong to the engine. */
#ifndef TOKTAPE_LOCALITY_H
#define TOKTAPE_LOCALITY_H

#include "formats/address.h"

/* 1 for loopback, the unspecified address, and any address of an interface of this machine. */
int locality_of_address(const struct address *a);

/* As above for a numeric address or a host name. A name counts when every address it resolves to is local.
 * Asks the resolver for names, so it may take seconds. *only (optional) gets the address; its version is 0
 * when there is none or more than one ("localhost" is often both 127.0.0.1 and ::1, and a server listens on
 * one of them). */
int locality_of_host(const char *host, struct address *only);

#endif
