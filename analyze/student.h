/* SPDX-License-Identifier: MIT */
/* Student's t distribution, to 1e-10 or better for any real number of degrees of freedom from 1 on. */
#ifndef TOKTAPE_STUDENT_H
#define TOKTAPE_STUDENT_H

/* Probability above t, for either sign of t. `df` may be INFINITY (normal). NAN when t is NAN or df < 1. */
double student_upper_tail(double t, double df);

/* Probability of a value at least as far from 0 as t. */
double student_two_sided(double t, double df);

/* The p quantile, 0 < p < 1; NAN outside of that or for df < 1. */
double student_quantile(double p, double df);

#endif
