/* SPDX-License-Identifier: MIT */
#include "plots/palette.h"

#include <string.h>

unsigned long palette_ink(enum chart_theme theme, enum ink ink)
{
    static const unsigned long inks[INK_COUNT][2] = {
        [INK_BACKGROUND] = {0xFFFFFF, 0x0D1117}, [INK_TEXT] = {0x24292F, 0xE6EDF3},
        [INK_MUTED] = {0x59636E, 0x9DA7B3},      [INK_GRID] = {0xDEE2E6, 0x30363D},
        [INK_GOOD] = {0x007A5A, 0x2BC49A},       [INK_WARN] = {0x9A6700, 0xE3B341},
        [INK_BAD] = {0xB3261E, 0xFF8B7B},        [INK_ONE] = {0x0072B2, 0x56B4E9},
        [INK_TWO] = {0xD55E00, 0xE69F00},        [INK_THREE] = {0x009E73, 0x2BC49A},
        [INK_FOUR] = {0xB8578F, 0xE293BE},       [INK_FIVE] = {0x5AA9D6, 0x8DD3F5},
        [INK_SIX] = {0x7A7F87, 0x8B949E},
    };
    return inks[ink][theme];
}

/* Okabe and Ito's palette; yellow only where it is not on white. Engines that are often compared are far
 * apart. */
static const struct {
    const char *engine;
    unsigned long colours[2];
    int shape;
} engines[ENGINE_CODES] = {
    {"llamacpp", {0x0072B2, 0x56B4E9}, 7},   {"mlx-lm", {0xD55E00, 0xF0803C}, 5},
    {"mlx_vlm", {0x009E73, 0x2BC49A}, 9},    {"omlx", {0xC0619A, 0xE293BE}, 11},
    {"rapid-mlx", {0xB87A00, 0xE69F00}, 13}, {"vllm-mlx", {0x3E9BD0, 0x8DD3F5}, 15},
    {"vllm", {0x332288, 0xA99CF0}, 4},       {"ollama", {0x24292F, 0xE6EDF3}, 6},
    {"lmstudio", {0x8A7D00, 0xF0E442}, 8},   {"sglang", {0x882255, 0xDD7799}, 10},
    {NULL, {0x7A7F87, 0x8B949E}, 12},
};

size_t palette_engine(const char *engine)
{
    size_t code = 0;
    while (engines[code].engine && strcmp(engines[code].engine, engine) != 0)
        code++;
    return code;
}

unsigned long palette_engine_colour(enum chart_theme theme, size_t code)
{
    return engines[code].colours[theme];
}

int palette_engine_shape(size_t code)
{
    return engines[code].shape;
}

int palette_series_shape(size_t index)
{
    static const int shapes[] = {7, 5, 9, 11, 13, 15, 6, 4, 8, 10, 12, 14};
    return shapes[index % (sizeof shapes / sizeof shapes[0])];
}
