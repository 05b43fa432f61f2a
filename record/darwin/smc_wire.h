/* SPDX-License-Identifier: MIT */
/* What is sent to and comes from AppleSMC, the driver of the system management controller: one struct of 80
 * bytes for question and answer, in the machine's byte order, which is little-endian on Apple silicon. There
 * is no public header; the layout is the one that monitors of Macs use (SMCKeyData_t: macmon's sources.rs,
 * smc.h of smcFanControl). Pure functions. */
#ifndef TOKTAPE_SMC_WIRE_H
#define TOKTAPE_SMC_WIRE_H

#include <stdint.h>

#define SMC_MESSAGE_SIZE 80
#define SMC_VALUE_MAX    32
#define SMC_SELECTOR     2 /* of IOConnectCallStructMethod */

struct smc_type {
    uint32_t size; /* bytes, at most SMC_VALUE_MAX */
    uint32_t type; /* four characters: "flt ", "sp78" … */
};

/* "PSTR" as the number that it travels as. */
uint32_t smc_code(const char code[5]);

/* The question for a key's type, and for its value once that is known. */
void smc_ask_type(unsigned char message[SMC_MESSAGE_SIZE], uint32_t key);
void smc_ask_value(unsigned char message[SMC_MESSAGE_SIZE], uint32_t key, const struct smc_type *type);

/* The answers. TT_OK; TT_NOTFOUND when there is no such key, or its type has no size; TT_IO for another
 * refusal. */
int smc_read_type(const unsigned char message[SMC_MESSAGE_SIZE], struct smc_type *type);

/* Also TT_UNSUPPORTED for a type that is not understood, and TT_NOTFOUND for a float that is no number. */
int smc_read_value(const unsigned char message[SMC_MESSAGE_SIZE], const struct smc_type *type, double *value);

#endif
