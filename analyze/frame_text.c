/* SPDX-License-Identifier: MIT */
#include "analyze/frame_text.h"

struct bytes frame_text(const struct chat_frame *chat)
{
    const struct chat_tool *tool = chat->tool_count ? &chat->tools[0] : NULL;
    switch (chat->kind) {
    case FRAME_ERROR:
        return chat->error;
    case FRAME_REASONING:
        return chat->reasoning;
    case FRAME_TOOL_CALL:
        return tool && tool->arguments.len ? tool->arguments : tool ? tool->name : chat->content;
    default:
        return chat->content;
    }
}
