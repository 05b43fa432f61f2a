/* SPDX-License-Identifier: MIT */
/* Orders of whole numbers, for qsort's callbacks: negative, 0 or positive. */
#ifndef TOKTAPE_ORDER_H
#define TOKTAPE_ORDER_H

#include <stdint.h>

static inline int order_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* For an array of uint64_t. */
static inline int compare_u64(const void *a, const void *b)
{
    return order_u64(*(const uint64_t *)a, *(const uint64_t *)b);
}

#endif
