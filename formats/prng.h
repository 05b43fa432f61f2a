/* SPDX-License-Identifier: MIT */
/* The project's own random numbers (xoshiro256**, seeded by splitmix64): a seed gives the same numbers on
 * every machine. Not for secrets. */
#ifndef TOKTAPE_PRNG_H
#define TOKTAPE_PRNG_H

#include <math.h>
#include <stdint.h>

struct prng {
    uint64_t state[4];
};

static inline uint64_t prng_splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Any seed is a good one, 0 included. */
static inline void prng_seed(struct prng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->state[i] = prng_splitmix(&seed);
}

static inline uint64_t prng_rotate(uint64_t v, int bits)
{
    return v << bits | v >> (64 - bits);
}

/* 64 uniform bits. */
static inline uint64_t prng_next(struct prng *r)
{
    uint64_t *s = r->state;
    uint64_t result = prng_rotate(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = prng_rotate(s[3], 45);
    return result;
}

/* Uniform in [0, n), without bias; 0 when n is 0. */
static inline uint64_t prng_below(struct prng *r, uint64_t n)
{
    if (n == 0)
        return 0;
    uint64_t excess = (UINT64_MAX % n + 1) % n; /* 2^64 mod n: values at the very top are drawn again */
    uint64_t v;
    do
        v = prng_next(r);
    while (v > UINT64_MAX - excess);
    return v % n;
}

/* Uniform in [0, 1), a multiple of 2^-53. */
static inline double prng_unit(struct prng *r)
{
    return (double)(prng_next(r) >> 11) * 0x1p-53;
}

/* Natural logarithm for 0 < x <= 1 by additions, multiplications and divisions alone: libm's log differs in
 * the last bit from machine to machine. Accurate to a few units in the last place. */
static inline double prng_log(double x)
{
    double halvings = 0;
    for (; x < 0.7071067811865476; x *= 2)
        halvings++;
    double s = (x - 1) / (x + 1), square = s * s, power = s, sum = 0;
    for (int k = 1; k <= 23; k += 2) {
        sum += power / k;
        power *= square;
    }
    return 2 * sum - halvings * 0.6931471805599453;
}

/* Normal with mean 0 and standard deviation 1 (Marsaglia's polar method; its second value is not kept, so
 * that the state is the generator's alone). */
static inline double prng_normal(struct prng *r)
{
    double x, y, s;
    do {
        x = 2 * prng_unit(r) - 1;
        y = 2 * prng_unit(r) - 1;
        s = x * x + y * y;
    } while (s >= 1 || s <= 0);
    return x * sqrt(-2 * prng_log(s) / s);
}

#endif
