/* SPDX-License-Identifier: MIT */
/* The arrival of one answer: a staircase of tokens over time, and the gaps between reads under it. */
#include <math.h>

#include "plots/charts.h"

static double ms_after_start(const struct token_tape *input, size_t i)
{
    return (double)(input->tokens[i].t - input->t_zero) * input->ms_per_tick;
}

static void write_data(struct buf *out, const struct token_tape *input)
{
    double total = 0;
    buf_puts(out, "# ms_after_sending tokens_so_far gap_ms tokens_of_this_read\n");
    for (size_t i = 0; i < input->count; i++) {
        total += input->tokens[i].tokens;
        chart_number(out, ms_after_start(input, i));
        buf_putc(out, ' ');
        chart_number(out, total);
        buf_putc(out, ' ');
        chart_number(out, i ? ms_after_start(input, i) - ms_after_start(input, i - 1) : NAN);
        buf_putc(out, ' ');
        chart_number(out, input->tokens[i].tokens);
        buf_putc(out, '\n');
    }
}

/* A round step that gives about four marks up to `largest`. */
static double round_step(double largest)
{
    double step = pow(10, floor(log10(largest / 4)));
    while (largest / step > 5.5)
        step *= largest / step > 11 ? 5 : 2;
    return step;
}

static double largest_gap(const struct token_tape *input)
{
    double largest = 0;
    for (size_t i = 1; i < input->count; i++)
        largest = fmax(largest, ms_after_start(input, i) - ms_after_start(input, i - 1));
    return largest > 0 ? largest : 1;
}

int chart_tokens(struct chart *c, const struct token_tape *input, struct error *e)
{
    struct buf *out = &c->script;
    struct buf title = BUF_INIT;
    if (input->count < 2)
        return error_set(e, TT_NOTFOUND, "no chart of tokens: that run has fewer than two reads with tokens");
    write_data(&c->data, input);
    buf_printf(&title, "Tokens as they arrived: %s", input->label);
    buf_puts(out, "set multiplot\nunset key\nset lmargin 9\nset rmargin 3\n");
    buf_puts(out,
             "set tmargin at screen 0.90\nset bmargin at screen 0.42\nset xrange [0:*]\nset yrange [0:*]\n"
             "set format x ''\nset ylabel 'tokens so far'\n");
    chart_title(c, buf_text(&title), input->small_print);
    buf_printf(out,
               "plot data using 1:2 with fillsteps fillstyle solid 0.18 linecolor rgb '%s', \\\n"
               "     '' using 1:2 with steps linewidth 1.6 linecolor rgb '%s'\n",
               chart_colour(0), chart_colour(0));
    buf_puts(out, "unset title\nunset label 9\nset tmargin at screen 0.37\nset bmargin at screen 0.14\n"
                  "set format x '%g'\nset xlabel 'ms after the request was sent' offset 0,0.3\n"
                  "set ylabel 'gap, ms'\nset xrange [GPVAL_X_MIN:GPVAL_X_MAX]\n");
    buf_printf(out, "set ytics %.9g\n", round_step(largest_gap(input)));
    buf_printf(out, "plot data using 1:3 with impulses linewidth 1.2 linecolor rgb '%s'\nunset multiplot\n",
               chart_colour(1));
    buf_release(&title);
    return c->data.failed || out->failed ? error_set(e, TT_NOMEM, "out of memory for the chart of tokens")
                                         : TT_OK;
}
