/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/cnn-model.h"

G_BEGIN_DECLS

/**
 * CnnModelSetup:
 *
 * What a person chooses about a network before pictures go in, as text, so that a command line, a session
 * file and the memory of a network say it alike. "" or %NULL is what the file says.
 */
typedef struct {
  char *labels; /* path of a file with class names, see cnn_labels_read() */
  char *output; /* name of the output that counts: a value's or a layer's */
  char *size;   /* "WxH": of the pictures, where the file leaves it free */
  char *inputs; /* what the other inputs are held at: lines "NAME=NUMBER" or "NAME=PATH.npy" */
  char *rotate; /* "yes" or "no": kernels are turned, see CnnKernelRotation; the file is read anew for it */
} CnnModelSetup;

/** Copies the texts; empty ones become %NULL. */
void cnn_model_setup_copy (CnnModelSetup *to, const CnnModelSetup *from);
void cnn_model_setup_clear (CnnModelSetup *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CnnModelSetup, cnn_model_setup_clear)
gboolean cnn_model_setup_equal (const CnnModelSetup *a, const CnnModelSetup *b);

/** The two numbers of a size like "224x224"; whether it is one. */
gboolean cnn_model_setup_parse_size (const char *text, guint *width, guint *height);

/**
 * cnn_model_size_in_use:
 * @size: (nullable): what was asked for
 *
 * The size "WxH" at which @model takes pictures, where its file leaves that free; else @size. (transfer full)
 */
char *cnn_model_size_in_use (CnnModel *model, const char *size) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cnn_model_suited_size:
 * @width, @height: of a picture
 *
 * The size "WxH" at which a network that leaves it free suits a picture: of the picture's shape, and no
 * larger than the picture. Where the output is one row of numbers, the shorter side is at most 224, as
 * classifiers are trained; where it is a map, the longer side is at most 512. A side that the file fixes
 * stays. %NULL where the size is not free. (transfer full)
 */
char *cnn_model_suited_size (CnnModel *model, guint width, guint height) G_GNUC_WARN_UNUSED_RESULT;
/**
 * cnn_model_set_up_suited:
 * @size: a suited size
 *
 * Like cnn_model_set_up() at @size where @self says none. Where the network does not go together at that
 * size, each side becomes the next multiple of 32; else the size stays the standard one.
 */
CnnModel *cnn_model_set_up_suited (CnnModel *model, const CnnModelSetup *self, const char *size,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cnn_model_set_up:
 * @model: as it was read
 *
 * The network as @self says but for its kernels, which reading decides; shares the weights with @model.
 * (transfer full), or %NULL with @error set where a name does not exist, a size does not fit or a file cannot
 * be used.
 */
CnnModel *cnn_model_set_up (CnnModel *model, const CnnModelSetup *self,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Called for each path of "inputs"; may put another in its place. */
typedef void (*CnnModelSetupFileFunc) (char **path, gpointer user_data);
/** Calls @func for the array files that lines "NAME=PATH.npy" of *@inputs (nullable) name, and writes the
 * lines anew. */
void cnn_model_setup_each_file (char **inputs, CnnModelSetupFileFunc func, gpointer user_data);

/** The name of an output for people: its layer's, else its value's. */
const char *cnn_model_output_name (CnnModel *model, guint output);
/** Index of the output of that name, or -1. */
int cnn_model_find_output (CnnModel *model, const char *name);
/** What the input called @name is held at by @inputs: the text behind its "NAME=", or %NULL. (transfer full)
 */
char *cnn_model_setup_input (const char *inputs, const char *name) G_GNUC_WARN_UNUSED_RESULT;
/** @inputs with another text for @name; "" or %NULL leaves it out. (transfer full) */
char *cnn_model_setup_replace_input (const char *inputs, const char *name,
                                     const char *value) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
