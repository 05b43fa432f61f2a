/* SPDX-License-Identifier: MIT */
/* Recognising secrets in text by the name in front of them or by their look. Pure functions on untrusted
 * bytes. */
#ifndef TOKTAPE_SECRETS_H
#define TOKTAPE_SECRETS_H

#include <stddef.h>

/* 1 when a value of that name is a secret: one of the name's words (cut at punctuation and at camelCase) is
 * key, token, secret, pass, password, auth, cookie, credential …, or ends like one ("hftoken", "secretkey").
 * Names of vocabulary tokens and token counts ("bos_token", "max-tokens", "tokenizer") are not. */
int secret_name(const char *name, size_t len);

/* 1 when a value gives nothing away whatever its name: empty, true, false, none, auto …, typed metadata such
 * as "bool:false", or a vocabulary token in angle brackets. */
int secret_value_is_harmless(const char *value, size_t len);

/* Length of the secret that starts at `text`, 0 when none does. Three looks count:
 *   - prefixes that services give their keys ("sk-", "hf_", "ghp_", "AKIA", "eyJ" …) and at least 16 more
 * characters;
 *   - a UUID;
 *   - at least 20 letters and digits in one piece that change between upper case, lower case and digits as
 * often as chance does and words do not: letters of one case with digits in at least 18 % of the steps (which
 * hexadecimal is, too), both cases in at least 42 %. The rest of the token, "-", "_", "/", "+" and "="
 * included, goes with it. Model names stay, because their pieces between "-", "_" and "." are short. *is_hex
 * tells a purely hexadecimal find, which may as well be a digest: the caller knows from the place where it
 * stands. */
size_t secret_look(const char *text, size_t len, int *is_hex);

#endif
