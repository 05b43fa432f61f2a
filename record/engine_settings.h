/* SPDX-License-Identifier: MIT */
/* Where engines tell their model, context, slots and speculative decoding. Part of the engine files only. */
#ifndef TOKTAPE_ENGINE_SETTINGS_H
#define TOKTAPE_ENGINE_SETTINGS_H

#include "record/engine_evidence.h"

/* Each returns the best known value, borrowed from the reading or static, and in *how where it stands. Texts
 * have .data NULL and counts are ABSENT when nothing says so. */
struct bytes setting_model_id(const struct reading *r, const char **how);
struct bytes setting_model_file(const struct reading *r, const char **how);
struct bytes setting_quantisation(const struct reading *r, const char **how);
uint64_t setting_context(const struct reading *r, const char **how);
uint64_t setting_slots(const struct reading *r, const char **how);
struct bytes setting_speculative(const struct reading *r, const char **how);

#endif
