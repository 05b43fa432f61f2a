/* SPDX-License-Identifier: MIT */
/* A model as a folder, the way MLX and Hugging Face keep it: config.json and the weights beside it. */
#ifndef TOKTAPE_MODEL_FOLDER_H
#define TOKTAPE_MODEL_FOLDER_H

#include <stdint.h>

struct model_folder {
    char quant[48];      /* "4bit", "awq" …, or the weights' type ("bfloat16"); "" when it does not say */
    const char *how;     /* which member of config.json says so; static */
    uint64_t size_bytes; /* of all *.safetensors; ABSENT without any */
};

/* `model`: an absolute path, or a repository ("org/name") that is looked for in the folder `hub` of Hugging
 * Face's cache (NULL: nowhere), as its branch main stands there. TT_OK, TT_NOTFOUND when there is no such
 * folder with a config.json, or TT_NOMEM. config.json is untrusted. */
int model_folder_read(const char *model, const char *hub, struct model_folder *folder);

#endif
