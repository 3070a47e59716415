/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** The highest rank of a tensor, batch axis included. */
#define CNN_MAX_RANK 8

/** The longest side of a picture that is opened or that a network is set to take, and how many pixels it may
 * have in all. */
#define CNN_MAX_IMAGE_SIDE 16384
#define CNN_MAX_IMAGE_PIXELS ((gint64)64 << 20)

/**
 * CnnShape:
 *
 * Dimensions of a tensor, slowest axis first. Activations have the batch on axis 0. A dimension of -1 is
 * free: the file leaves it to whoever runs the network.
 */
typedef struct {
  guint rank;
  gint64 dims[CNN_MAX_RANK];
} CnnShape;

/** Makes a shape of @rank dimensions from the arguments, each a gint64: cnn_shape (2, (gint64) 1, (gint64)
 * 10). */
CnnShape cnn_shape (guint rank, ...);

/** cnn_shape4: the shape of a batch of images, channels first. */
CnnShape cnn_shape4 (gint64 n, gint64 c, gint64 h, gint64 w);

gboolean cnn_shape_equal (const CnnShape *a, const CnnShape *b);

/** Whether a dimension is free (-1). */
gboolean cnn_shape_is_free (const CnnShape *shape);

/**
 * cnn_shape_count:
 * @count: (out): the number of elements; 1 for rank 0
 *
 * Returns: %FALSE where a dimension is negative or the product, in bytes of float32, would not fit into 2^40.
 */
gboolean cnn_shape_count (const CnnShape *shape, gsize *count) G_GNUC_WARN_UNUSED_RESULT;

/** Elements of a shape that was checked before; 0 where cnn_shape_count() would fail. */
gsize cnn_shape_size (const CnnShape *shape);

/** As cnn_shape_size(), of the axes @first and after. */
gsize cnn_shape_size_from (const CnnShape *shape, guint first);

/** Row-major strides in elements. */
void cnn_shape_strides (const CnnShape *shape, gint64 strides[CNN_MAX_RANK]);

/** Turns a possibly negative @axis into 0 .. rank-1; returns %FALSE where it is out of range. */
gboolean cnn_shape_axis (const CnnShape *shape, gint64 axis, guint *out) G_GNUC_WARN_UNUSED_RESULT;

/** Numpy's broadcasting of two shapes; %FALSE where they do not go together. */
gboolean cnn_shape_broadcast (const CnnShape *a, const CnnShape *b, CnnShape *out) G_GNUC_WARN_UNUSED_RESULT;

/** "(None, 26, 26, 32)" with Keras' None for the batch axis and free dimensions. (transfer full) */
char *cnn_shape_to_keras (const CnnShape *shape) G_GNUC_WARN_UNUSED_RESULT;

/** "1x32x26x26", for messages. (transfer full) */
char *cnn_shape_to_string (const CnnShape *shape) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
