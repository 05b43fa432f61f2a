/* SPDX-License-Identifier: MIT */
#include "analyze/student.h"

#include <math.h>

#define LARGE_DF     1e5 /* beyond, Hill's transformation to a normal deviate is good to the last digits */
#define LARGE_SHAPE  1e3 /* from here on the series of the gamma ratio is exact to the last bit */
#define ROUNDS_MAX   100000
#define SEARCH_MAX   200
#define HALF_LN_PI   0.57236494292470008707
#define HALF_LN_2_PI 0.91893853320467274178
#define TINY         1e-300

/* ln Γ(a + ½) − ln Γ(a): the difference of two large logarithms would lose digits. */
static double ln_gamma_step(double a)
{
    if (a < LARGE_SHAPE)
        return lgamma(a + 0.5) - lgamma(a);
    double square = a * a;
    return 0.5 * log(a) - 1 / (8 * a) + 1 / (192 * a * square) - 1 / (640 * a * square * square);
}

static double ln_beta(double a, double b)
{
    if (b > 0.5 - 1e-12 && b < 0.5 + 1e-12)
        return HALF_LN_PI - ln_gamma_step(a);
    if (a > 0.5 - 1e-12 && a < 0.5 + 1e-12)
        return HALF_LN_PI - ln_gamma_step(b);
    return lgamma(a) + lgamma(b) - lgamma(a + b);
}

static double away_from_zero(double v)
{
    return fabs(v) < TINY ? TINY : v;
}

/* The continued fraction of I_x(a, b) by Lentz's method; it converges fast for x < (a + 1) ÷ (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), result = d;
    for (int m = 1; m < ROUNDS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        result *= c * d;
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        result *= c * d;
        if (fabs(c * d - 1) < 1e-16)
            break;
    }
    return result;
}

/* The regularised incomplete beta function I_x(a, b), a and b > 0. `y` is 1 − x, which the caller knows
 * better than a subtraction would give. */
static double incomplete_beta(double a, double b, double x, double y)
{
    if (!(x > 0))
        return x <= 0 ? 0 : NAN;
    if (!(y > 0))
        return y <= 0 ? 1 : NAN;
    double front = exp(a * log(x) + b * log(y) - ln_beta(a, b));
    if (x > 0.5) /* the logarithm of what is near 1 is known by its distance */
        front = exp(a * log1p(-y) + b * log(y) - ln_beta(a, b));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, y) / b;
}

/* G. W. Hill, Algorithm 395 (1970): the normal deviate of the same tail. */
static double normal_deviate(double t, double df)
{
    if (isinf(df))
        return fabs(t);
    double a = df - 0.5, b = 48 * a * a, y2 = a * log1p(t * t / df);
    double rest = (((-0.4 * y2 - 3.3) * y2 - 24) * y2 - 85.5) / (0.8 * y2 * y2 + 100 + b);
    return ((rest + y2 + 3) / b + 1) * sqrt(y2);
}

double student_two_sided(double t, double df)
{
    if (isnan(t) || !(df >= 1))
        return NAN;
    if (isinf(t))
        return 0;
    if (df > LARGE_DF)
        return erfc(normal_deviate(t, df) / sqrt(2.0));
    double square = t * t;
    return incomplete_beta(df / 2, 0.5, df / (df + square), square / (df + square));
}

double student_upper_tail(double t, double df)
{
    double half = student_two_sided(t, df) / 2;
    return t > 0 ? half : 1 - half;
}

static double density(double t, double df)
{
    if (isinf(df))
        return exp(-t * t / 2 - HALF_LN_2_PI);
    return exp(ln_gamma_step(df / 2) - HALF_LN_PI - 0.5 * log(df) - (df + 1) / 2 * log1p(t * t / df));
}

/* Newton's steps on the logarithm of the tail, which is nearly straight; where one leaves the bracket, its
 * middle is next. */
static double find_tail(double tail, double df)
{
    double low = 0, high = 1, t = 1;
    while (student_upper_tail(high, df) > tail && high < 1e300)
        high *= 2;
    for (int i = 0; i < SEARCH_MAX; i++) {
        double here = student_upper_tail(t, df);
        if (here > tail)
            low = t;
        else
            high = t;
        double next = t + here / density(t, df) * log(here / tail);
        if (!(next > low && next < high))
            next = low + (high - low) / 2;
        if (fabs(next - t) <= 1e-15 * fabs(next))
            return next;
        t = next;
    }
    return t;
}

double student_quantile(double p, double df)
{
    if (!(p > 0 && p < 1) || !(df >= 1))
        return NAN;
    if (p > 0.5 || p < 0.5)
        return p > 0.5 ? find_tail(1 - p, df) : -find_tail(p, df);
    return 0;
}
