/* SPDX-License-Identifier: MIT */
#include "record/darwin/smc_wire.h"

#include <math.h>
#include <string.h>

#include "formats/bytes.h"
#include "formats/error.h"

/* Offsets in the struct: u32 key; version of 6 bytes, padded to 8; limits of 16; u32 size, u32 type and an
 * attribute, padded to 12; u8 result, status and command, padded to 4; u32; 32 bytes of value. */
enum { AT_KEY = 0, AT_SIZE = 28, AT_TYPE = 32, AT_RESULT = 40, AT_COMMAND = 42, AT_VALUE = 48 };

enum command { READ_VALUE = 5, READ_TYPE = 9 };

#define RESULT_NO_SUCH_KEY 132

uint32_t smc_code(const char code[5])
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++)
        number = number << 8 | (unsigned char)code[i];
    return number;
}

static void ask(unsigned char message[SMC_MESSAGE_SIZE], uint32_t key, enum command command)
{
    memset(message, 0, SMC_MESSAGE_SIZE);
    put_le32(message + AT_KEY, key);
    message[AT_COMMAND] = (unsigned char)command;
}

void smc_ask_type(unsigned char message[SMC_MESSAGE_SIZE], uint32_t key)
{
    ask(message, key, READ_TYPE);
}

void smc_ask_value(unsigned char message[SMC_MESSAGE_SIZE], uint32_t key, const struct smc_type *type)
{
    ask(message, key, READ_VALUE);
    put_le32(message + AT_SIZE, type->size);
    put_le32(message + AT_TYPE, type->type);
}

static int result_of(const unsigned char message[SMC_MESSAGE_SIZE])
{
    unsigned char result = message[AT_RESULT];
    return !result ? TT_OK : result == RESULT_NO_SUCH_KEY ? TT_NOTFOUND : TT_IO;
}

int smc_read_type(const unsigned char message[SMC_MESSAGE_SIZE], struct smc_type *type)
{
    int status = result_of(message);
    type->size = get_le32(message + AT_SIZE);
    type->type = get_le32(message + AT_TYPE);
    if (!status && (!type->size || type->size > SMC_VALUE_MAX))
        return TT_NOTFOUND;
    return status;
}

/* Whole numbers are big-endian, as the controller has them. */
static uint64_t big_endian(const unsigned char *bytes, uint32_t size)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* "flt ": a float in the machine's order. */
static int read_float(const unsigned char *bytes, double *value)
{
    uint32_t bits = get_le32(bytes);
    float number;
    memcpy(&number, &bits, sizeof number);
    *value = (double)number;
    return isfinite(number) ? TT_OK : TT_NOTFOUND;
}

static int hex_digit(unsigned char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "sp78" and "fp88": 16 bits, signed or not, of which the last digit says how many are a fraction. */
static int read_fixed(uint32_t type, const unsigned char *bytes, double *value)
{
    int fraction = hex_digit((unsigned char)type), whole = hex_digit((unsigned char)(type >> 8));
    uint32_t kind = type >> 16, raw = (uint32_t)big_endian(bytes, 2);
    int is_signed = kind == ('s' << 8 | 'p');
    if ((!is_signed && kind != ('f' << 8 | 'p')) || fraction < 0 || whole < 0 ||
        fraction + whole + is_signed != 16)
        return TT_UNSUPPORTED;
    double number = is_signed && raw >= 0x8000u ? (double)raw - 65536.0 : (double)raw;
    *value = ldexp(number, -fraction);
    return TT_OK;
}

int smc_read_value(const unsigned char message[SMC_MESSAGE_SIZE], const struct smc_type *type, double *value)
{
    const unsigned char *bytes = message + AT_VALUE;
    int status = result_of(message);
    int is_whole =
        type->type == smc_code("ui8 ") || type->type == smc_code("ui16") || type->type == smc_code("ui32");
    if (status)
        return status;
    if (type->type == smc_code("flt ") && type->size == 4)
        return read_float(bytes, value);
    if (is_whole && type->size <= 4) {
        *value = (double)big_endian(bytes, type->size);
        return TT_OK;
    }
    return type->size == 2 ? read_fixed(type->type, bytes, value) : TT_UNSUPPORTED;
}
