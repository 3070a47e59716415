/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/** The only version of the form so far. */
#define CNN_SESSION_FILE_VERSION 1

/** CnnSavedParam: a parameter of a method as text: "occlusion", "stride", "4"; choices by their name. */
typedef struct {
  char *method, *param, *value;
} CnnSavedParam;

/** CnnSavedImage: a picture by its path; the hash may be %NULL. */
typedef struct {
  char *path, *hash;
} CnnSavedImage;

/**
 * CnnSavedSession:
 *
 * What a person has open and chosen, by names that outlive the program: a step of undo, a session file, or a
 * part of a figure's metadata. Plain data; strings that are %NULL were not said. Layers are "" where none or
 * the method's default is meant.
 */
typedef struct {
  char *model, *model_hash; /* path, SHA-256 in hex */
  GPtrArray *images;        /* of CnnSavedImage: the list that is stepped through */
  char *image;              /* path of the open one */
  char *image_hash;
  char *view, *layer, *gallery, *method, *modifier, *target_layer, *colormap, *scale, *preprocess, *fit,
      *occluder_fill;
  char *labels, *output, *input_size, *inputs; /* see CnnModelSetup */
  char *rotate; /* "yes" or "no": whether kernels of the Theano backend are turned; NULL: as the file says */
  char *evaluated; /* the folder or table that is looked through for mistakes; NULL: none */
  char *mistakes_show, *mistakes_sort; /* which of its pictures are listed, and how */
  char *tensor;                        /* "off", "picture" or the number of a channel from 1 */
  gboolean invert;
  int class_index, filter; /* -1: the predicted class, none */
  double opacity;          /* 0 to 1 */
  gboolean occluder;
  int occluder_rect[4]; /* x, y, width, height in pixels of the network's input; width 0: not said */
  GPtrArray *params;    /* of CnnSavedParam: those that are not at their standard */
} CnnSavedSession;

CnnSavedSession *cnn_saved_session_new (void) G_GNUC_WARN_UNUSED_RESULT;
CnnSavedSession *cnn_saved_session_copy (const CnnSavedSession *self) G_GNUC_WARN_UNUSED_RESULT;
void cnn_saved_session_free (CnnSavedSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnSavedSession, cnn_saved_session_free)
void cnn_saved_session_add_image (CnnSavedSession *self, const char *path, const char *hash);
void cnn_saved_session_add_param (CnnSavedSession *self, const char *method, const char *param,
                                  const char *value);
/** Adds the parameters of @request that are not at their standard. */
void cnn_saved_session_add_request (CnnSavedSession *self, const CnnMethod *method,
                                    const CnnMethodRequest *request);

/** Whether the bytes begin like a session file: an object whose first member is "cnnviz-session". */
gboolean cnn_session_file_recognise (const char *text, gsize length);
/** As JSON text, ending with a line feed. */
char *cnn_saved_session_to_json (const CnnSavedSession *self) G_GNUC_WARN_UNUSED_RESULT;
/**
 * cnn_saved_session_from_json:
 * @what: the file for messages
 *
 * Reads what cnn_saved_session_to_json() wrote. Members that are missing keep their standard; those of a
 * wrong type or out of range are refused. (transfer full): or %NULL with @error set.
 */
CnnSavedSession *cnn_saved_session_from_json (const char *text, gsize length, const char *what,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Whether @path is a session file, by its content. */
gboolean cnn_session_file_is (const char *path);
/** Reads a session file; relative paths in it are taken from its folder. */
CnnSavedSession *cnn_session_file_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Adds the hashes of the files that can be read and have none yet. */
void cnn_saved_session_hash (CnnSavedSession *self, GCancellable *cancellable);
/** Writes the file whole or not at all. */
gboolean cnn_session_file_write (const CnnSavedSession *self, const char *path, GError **error);

G_END_DECLS
