/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/session/cnn-session.h"

G_BEGIN_DECLS

#define CNN_TENSOR_OFF (-2)
#define CNN_TENSOR_PICTURE (-1)

/**
 * CnnTensorView: the numbers that go into the network, as a picture at the network's size. The lowest is
 * black, the highest white; of all channels (their first three as red, green, blue) or of one. Immutable,
 * reference-counted.
 */
typedef struct {
  CnnImage *image;
  int channel; /* CNN_TENSOR_PICTURE: all */
  float low, high, mean;
  gatomicrefcount refs;
} CnnTensorView;

/** Of the session's input. @channel: CNN_TENSOR_PICTURE or below the network's channels. */
CnnTensorView *cnn_tensor_view_new (CnnSession *session, int channel) G_GNUC_WARN_UNUSED_RESULT;
CnnTensorView *cnn_tensor_view_ref (CnnTensorView *self);
void cnn_tensor_view_unref (CnnTensorView *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnTensorView, cnn_tensor_view_unref)

/** "off", "picture" or the number of a channel from 1. (transfer full) */
char *cnn_tensor_view_name (int channel) G_GNUC_WARN_UNUSED_RESULT;
gboolean cnn_tensor_view_from_name (const char *name, int *channel);

G_END_DECLS
