/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "model/cnn-model.h"

G_BEGIN_DECLS

/**
 * CnnImage: an 8-bit RGBA picture as the person sees it, immutable and reference-counted. Rows of width·4
 * bytes, R G B A, straight alpha.
 */
typedef struct _CnnImage CnnImage;

/** The numbers of an array that stands for a picture, see cnn-image-array.h. */
typedef struct _CnnImageArray CnnImageArray;

/** Any kind of picture that GdkPixbuf or libpng reads; EXIF orientation applied. Sizes above
 * %CNN_MAX_IMAGE_SIDE on a side are refused, and above %CNN_MAX_IMAGE_PIXELS in all unless it is a JPEG.
 * Pictures above 32 · 2^20 pixels are kept at half their size, or a quarter. A .npy file becomes a picture of
 * its first channels, which keeps the array. */
CnnImage *cnn_image_read (const char *path, GCancellable *cancellable,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Whether cnn_image_read() would take a file of this kind and size; reads what the file claims, and no more.
 */
gboolean cnn_image_check_file (const char *path, GError **error);
/** A picture of @channels planes of numbers: of the first three as red, green and blue, of fewer the first in
 * gray. Their own range goes from black to white, unless it looks like one of 0 to 1 or 0 to 255. */
CnnImage *cnn_image_new_from_planes (const float *values, guint channels, guint height,
                                     guint width) G_GNUC_WARN_UNUSED_RESULT;
/** Copies @rgba. */
CnnImage *cnn_image_new (guint width, guint height, const guint8 *rgba) G_GNUC_WARN_UNUSED_RESULT;
CnnImage *cnn_image_ref (CnnImage *image);
void cnn_image_unref (CnnImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnImage, cnn_image_unref)

guint cnn_image_get_width (const CnnImage *image);
guint cnn_image_get_height (const CnnImage *image);
const guint8 *cnn_image_get_data (const CnnImage *image);
/** The path it was read from or %NULL; SHA-256 of the pixels, hex. */
const char *cnn_image_get_path (const CnnImage *image);
const char *cnn_image_get_hash (const CnnImage *image);
/** The array that it was read from; %NULL: a picture. */
const CnnImageArray *cnn_image_get_array (const CnnImage *image);
/** Whether all pixels are gray. */
gboolean cnn_image_is_gray (const CnnImage *image);

/** Bilinear with antialias (a triangle filter widened when it reduces, as PIL and tf.image do). */
CnnImage *cnn_image_resize (CnnImage *image, guint width, guint height) G_GNUC_WARN_UNUSED_RESULT;

/** The part at @x, @y of the picture resized to @full_width x @full_height; only that part is made. */
CnnImage *cnn_image_resize_part (CnnImage *image, guint full_width, guint full_height, guint x, guint y,
                                 guint width, guint height) G_GNUC_WARN_UNUSED_RESULT;

/**
 * CnnFit: how a picture of another shape is brought to the network's. CROP: the largest part of the network's
 * shape from the middle. CENTER: 7/8 of that, as ImageNet's networks are tested (shorter side to 256, the
 * middle 224). PAD: all of it, with black around.
 */
typedef enum { CNN_FIT_STRETCH, CNN_FIT_CROP, CNN_FIT_PAD, CNN_FIT_CENTER, CNN_N_FITS } CnnFit;

/**
 * CnnPreprocess: what the network eats: value = (byte·scale - mean[c]) / std[c].
 *
 * What a picture's colours become depends on the network's number of channels. 1: gray, 0.299 R + 0.587 G +
 * 0.114 B; 2: gray and alpha; 3: red, green, blue (blue first with @bgr; three times gray with @gray); 4: the
 * same and alpha; more: the three repeat, with their mean and std. Where there is no channel for alpha, what
 * is transparent lies over white.
 */
typedef struct {
  CnnPreprocessKind kind; /* the preset it came from, CNN_PREPROCESS_UNKNOWN for own values */
  double scale;
  double mean[4], std[4];
  gboolean bgr;    /* blue, green, red */
  gboolean gray;   /* gray in every colour channel */
  gboolean invert; /* 255 - byte first: dark digits on white paper */
  CnnFit fit;
} CnnPreprocess;

/** "stretch", "crop", "pad", "center". */
const char *cnn_fit_name (CnnFit fit);
gboolean cnn_fit_from_name (const char *name, CnnFit *fit);

/** Fills in a preset. */
void cnn_preprocess_init (CnnPreprocess *self, CnnPreprocessKind kind);
/** Red first, blue first (@bgr) or three times gray (@gray); the mean and std of a colour go with it. */
void cnn_preprocess_set_order (CnnPreprocess *self, gboolean bgr, gboolean gray);
/**
 * cnn_preprocess_guess:
 * @reason: (out) (transfer full) (optional): a sentence for the window: what was recognised by what
 *
 * What suits @model: what its reader knows, or what networks that are built like it were trained with, else
 * 0-1.
 */
void cnn_preprocess_guess (CnnPreprocess *self, CnnModel *model, char **reason);
/** Parses "unit", "signed", "imagenet", "caffe", "none" or "scale=S,mean=M,std=D" (M and D with one value, or
 * one per channel joined by ':' or ','), each with further ",bgr=yes", ",gray=yes" and ",invert=yes". The fit
 * stays as it is. */
gboolean cnn_preprocess_parse (CnnPreprocess *self, const char *text, GError **error);
/** Whether both make the same numbers of every picture, fit included. */
gboolean cnn_preprocess_equal (const CnnPreprocess *a, const CnnPreprocess *b);
/** The same as text that cnn_preprocess_parse() reads. */
char *cnn_preprocess_to_string (const CnnPreprocess *self) G_GNUC_WARN_UNUSED_RESULT;
/** What a byte (0 to 255) becomes in one of a network's @channels. */
float cnn_preprocess_value (const CnnPreprocess *self, double byte, guint channel, guint channels);
/** Lowest and highest value that a picture can have after it (over channels): the "input range". */
void cnn_preprocess_range (const CnnPreprocess *self, float *low, float *high);

/**
 * cnn_preprocess_apply:
 * @fitted: (out) (transfer full) (optional): the picture as fitted to the network's size, before scaling:
 * what the canvas shows
 * @out: channels·height·width floats, channels first
 */
void cnn_preprocess_apply (const CnnPreprocess *self, CnnImage *image, guint channels, guint height,
                           guint width, CnnImage **fitted, float *out);
/** The inverse for display: @in channels first, to a picture, clipped. */
CnnImage *cnn_preprocess_to_image (const CnnPreprocess *self, const float *in, guint channels, guint height,
                                   guint width) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
