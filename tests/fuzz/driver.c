/* SPDX-License-Identifier: MIT */
/* Runs one fuzz target without libFuzzer: over every file of its corpus as it is, cut short, and with single
 * bits flipped, so that every compiler and every test run repeats what fuzzing has found. */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/io.h"

#define INPUT_LIMIT ((size_t)16 << 20)
#define VARIANTS    16 /* cuts, and flips, per file */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A copy of exactly `len` bytes on the heap, so that a sanitizer sees a read past the end. */
static void run_copy(const uint8_t *bytes, size_t len, size_t flipped_bit)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        abort();
    memcpy(copy, bytes, len);
    if (flipped_bit / 8 < len)
        copy[flipped_bit / 8] ^= (uint8_t)(1u << flipped_bit % 8);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static void run_variants(const uint8_t *bytes, size_t len)
{
    run_copy(bytes, len, SIZE_MAX);
    for (size_t i = 0; i < VARIANTS && i < len; i++) {
        run_copy(bytes, len * i / VARIANTS, SIZE_MAX);
        run_copy(bytes, len, len * 8 * i / VARIANTS + i % 8);
    }
}

static int run_file(const char *path)
{
    struct error e = {0};
    struct buf input;
    buf_init(&input, INPUT_LIMIT);
    int err = io_read_file(path, INPUT_LIMIT, &input, &e);
    if (err)
        fprintf(stderr, "%s\n", e.text);
    else
        run_variants((const uint8_t *)input.data, input.len);
    buf_release(&input);
    return err;
}

static int run_folder(const char *folder, int *count)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        fprintf(stderr, "cannot open the corpus '%s'\n", folder);
        return -1;
    }
    int err = 0;
    for (struct dirent *entry; !err && (entry = readdir(dir));) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        err = run_file(path);
        (*count)++;
    }
    closedir(dir);
    return err;
}

int main(int argc, char **argv)
{
    int count = 0;
    run_copy((const uint8_t *)"", 0, SIZE_MAX);
    for (int i = 1; i < argc; i++) {
        if (run_folder(argv[i], &count))
            return 1;
    }
    printf("%d corpus files\n", count);
    return count ? 0 : 1; /* an empty corpus tests nothing */
}
