/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** What the numbers of a map mean, which decides how they are drawn. */
typedef enum {
  CNN_MAP_POSITIVE,    /* 0 .. max: a sequential scale from zero */
  CNN_MAP_SIGNED,      /* a diverging scale centred on zero */
  CNN_MAP_PROBABILITY, /* 0 .. 1 */
  CNN_MAP_CLASS,       /* a class index in each cell */
  CNN_MAP_ACTIVATION   /* min .. max: a sequential scale */
} CnnMapKind;

/**
 * CnnMap: a 2-D float field over the input, with what a person must know about it. Reference-counted and
 * immutable once a method has returned it, so that it may travel between threads.
 */
typedef struct {
  guint width, height; /* the input's size */
  float *values;       /* row-major */
  CnnMapKind kind;
  float min, max; /* raw range of values */
  /* what 0 and 1 of the values were before they were scaled to that; both 0: they are as computed */
  float scaled_low, scaled_high;
  /* the method's numbers at their own size before enlarging (Grad-CAM's maps, an occlusion grid); NULL: none
   */
  guint raw_width, raw_height;
  float *raw;
  float *classes;  /* occlusion: the winning class at each raw cell, or NULL */
  float *gradient; /* saliency: the raw gradient (channels, height, width), or NULL */
  gsize gradient_size;
  float *input; /* activation maximisation: what was found (channels, height, width), or NULL */
  gsize input_size;
  char *method;            /* "saliency", … */
  char *title;             /* "Grad-CAM of 7 at conv2d_2", translated */
  int class_index;         /* -1: none */
  char *layer;             /* or NULL */
  GPtrArray *notes;        /* char *, translated sentences for the window */
  char *if_zero;           /* the likely cause should the map be zero everywhere, translated; or NULL */
  gboolean hides_negative; /* much was negative and left out; the method's "signed" shows it */
  GVariant *provenance;    /* a{sv}: model, hashes, preprocessing, method, parameters, range */
  double progress;         /* < 1: a partial result */
  double milliseconds;
  /*< private >*/
  gatomicrefcount refs;
} CnnMap;

/** Zeros. */
CnnMap *cnn_map_new (guint width, guint height, CnnMapKind kind) G_GNUC_WARN_UNUSED_RESULT;
CnnMap *cnn_map_ref (CnnMap *map);
void cnn_map_unref (CnnMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnnMap, cnn_map_unref)

/** printf-like sentence for people. */
void cnn_map_add_note (CnnMap *map, const char *format, ...) G_GNUC_PRINTF (2, 3);
/** The likely cause, printf-like, should the map be zero everywhere. */
void cnn_map_explain_zero (CnnMap *map, const char *format, ...) G_GNUC_PRINTF (2, 3);
/** Finds min and max; adds the notes for zero, constant and non-finite maps (methods.md, section 9.8). */
void cnn_map_finish (CnnMap *map);
/** Bilinear with half-pixel centres, borders clamped: @from (h1,w1) to @to (h2,w2). */
void cnn_map_enlarge (const float *from, guint h1, guint w1, float *to, guint h2, guint w2);
/** Share of values that are at most @value, 0..1 (the read-out's percentile). */
double cnn_map_percentile (const CnnMap *map, float value);

G_END_DECLS
