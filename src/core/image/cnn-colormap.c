/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour maps from control points, evenly spaced and linear between them. Points of viridis, magma and
 * inferno are samples of the published maps (S. van der Walt, N. Smith 2015). */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-colormap.h"

#include <math.h>
#include <string.h>

typedef struct {
  CnnColormap map;
  guint n;
  const guint32 *points; /* 0xRRGGBB */
} Table;

static const guint32 viridis[] = { 0x440154, 0x481467, 0x482576, 0x453781, 0x404688, 0x39558c, 0x33638d,
                                   0x2d718e, 0x287d8e, 0x238a8d, 0x1f968b, 0x20a386, 0x29af7f, 0x3dbc74,
                                   0x56c667, 0x75d054, 0x95d840, 0xbade28, 0xdde318, 0xfde725 };
static const guint32 magma[] = { 0x000004, 0x07061c, 0x150e38, 0x29115a, 0x3f0f72, 0x56147d, 0x6a1c81,
                                 0x802582, 0x942c80, 0xab337c, 0xc03a76, 0xd6456c, 0xe85362, 0xf4695c,
                                 0xfa815f, 0xfd9b6b, 0xfeb47b, 0xfecd90, 0xfde5a7, 0xfcfdbf };
static const guint32 inferno[] = { 0x000004, 0x08051d, 0x180c3c, 0x2f0a5b, 0x450a69, 0x5c126e, 0x71196e,
                                   0x87216b, 0x9b2964, 0xb1325a, 0xc43c4e, 0xd74b3f, 0xe55c30, 0xf1711f,
                                   0xf8870e, 0xfca108, 0xfbba1f, 0xf6d543, 0xf1ed71, 0xfcffa4 };
static const guint32 gray[] = { 0x000000, 0xffffff };
static const guint32 jet[] = { 0x000080, 0x0000ff, 0x0080ff, 0x00ffff, 0x80ff80,
                               0xffff00, 0xff8000, 0xff0000, 0x800000 };
static const guint32 blue_red[] = { 0x3b4cc0, 0x6282ea, 0x8db0fe, 0xb8d0f9, 0xdddddd,
                                    0xf5c4ad, 0xf49a7b, 0xde604d, 0xb40426 };
static const guint32 seismic[] = { 0x00004d, 0x0000ff, 0xffffff, 0xff0000, 0x800000 };

#define TABLE(name, points, diverging)                                                                       \
  {                                                                                                          \
    { name, diverging }, G_N_ELEMENTS (points), points                                                       \
  }
static const Table tables[] = {
  TABLE ("viridis", viridis, FALSE), TABLE ("magma", magma, FALSE), TABLE ("inferno", inferno, FALSE),
  TABLE ("gray", gray, FALSE),       TABLE ("jet", jet, FALSE),     TABLE ("blue-red", blue_red, TRUE),
  TABLE ("seismic", seismic, TRUE),
};

const CnnColormap *const *
cnn_colormaps_list (void)
{
  static const CnnColormap *list[G_N_ELEMENTS (tables) + 1];
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
      list[i] = &tables[i].map;
    g_once_init_leave (&once, 1);
  }
  return list;
}

const CnnColormap *
cnn_colormap_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (g_strcmp0 (tables[i].map.name, name) == 0)
      return &tables[i].map;
  return NULL;
}

static void
set_rgb (guint8 rgba[4], guint32 color)
{
  rgba[0] = (guint8)(color >> 16);
  rgba[1] = (guint8)(color >> 8);
  rgba[2] = (guint8)color;
  rgba[3] = 255;
}

void
cnn_colormap_lookup (const CnnColormap *map, float t, guint8 rgba[4])
{
  const Table *table = (const Table *)(gconstpointer)map;
  float at;
  guint i;

  if (isnan (t)) {
    memset (rgba, 0, 4);
    return;
  }
  at = CLAMP (t, 0, 1) * (float)(table->n - 1);
  i = MIN ((guint)at, table->n - 2);
  at -= (float)i;
  rgba[3] = 255;
  for (int k = 0; k < 3; k++) {
    float a = (float)(table->points[i] >> (16 - 8 * k) & 255),
          b = (float)(table->points[i + 1] >> (16 - 8 * k) & 255);

    rgba[k] = (guint8)(a + (b - a) * at + 0.5f);
  }
}

void
cnn_colormap_apply (const CnnColormap *map, const float *values, gsize n, float low, float high, guint8 *rgba)
{
  guint8 colors[256][4];
  float scale = high > low ? 255.0f / (high - low) : 0;

  for (guint i = 0; i < 256; i++)
    cnn_colormap_lookup (map, (float)i / 255.0f, colors[i]);
  for (gsize i = 0; i < n; i++) {
    float t = (values[i] - low) * scale;

    if (isnan (t))
      memset (rgba + 4 * i, 0, 4);
    else
      memcpy (rgba + 4 * i, colors[(int)(CLAMP (t, 0, 255) + 0.5f)], 4);
  }
}

/* Hues a golden angle apart, in three lightnesses: of many classes those that follow each other, which are
 * often of a kind, are told apart best. */
static void
set_hue (guint8 rgba[4], guint index)
{
  static const double strengths[3][2] = { { 0.85, 0.80 }, { 0.45, 0.95 }, { 0.75, 0.50 } };
  const double *strength = strengths[index % 3];
  double turn = fmod (index * 0.61803398875, 1) * 6;

  for (int k = 0; k < 3; k++) {
    /* of red, green and blue, each a third of the circle further */
    double at = fmod (turn + 6 - 2 * k, 6), up = CLAMP (fabs (at - 3) - 1, 0, 1);

    rgba[k] = (guint8)lround (255 * strength[1] * (1 - strength[0] * (1 - up)));
  }
  rgba[3] = 255;
}

void
cnn_colormap_class (guint index, guint8 rgba[4])
{
  /* hues that stay apart for most kinds of colour blindness (after M. Okabe, K. Ito) */
  static const guint32 colors[] = { 0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7, 0xd55e00,
                                    0x56b4e9, 0xf0e442, 0x7f7f7f, 0x7b4fa3, 0x8c5a2b };

  if (index < G_N_ELEMENTS (colors))
    set_rgb (rgba, colors[index]);
  else
    set_hue (rgba, index);
}
