/* SPDX-License-Identifier: MIT */
/* The tools whose figures `report --as` knows, by its names for them: DIALECT(name, its struct dialect). */
#ifndef TOKTAPE_DIALECT_LIST_H
#define TOKTAPE_DIALECT_LIST_H

#define DIALECTS(DIALECT)                                                                                    \
    DIALECT("asiai", dialect_asiai)                                                                          \
    DIALECT("vllm", dialect_vllm)                                                                            \
    DIALECT("aiperf", dialect_aiperf)                                                                        \
    DIALECT("genai-perf", dialect_genai_perf)                                                                \
    DIALECT("guidellm", dialect_guidellm)                                                                    \
    DIALECT("llmperf", dialect_llmperf)                                                                      \
    DIALECT("mlperf", dialect_mlperf)

/* "asiai|vllm|…" */
#define DIALECT_CHOICE(name, symbol) "|" name
#define DIALECT_CHOICES              (&(DIALECTS(DIALECT_CHOICE))[1])

#endif
