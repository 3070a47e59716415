/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of each filter of a gallery, as numbers and as tables. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-gallery.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

float
cnn_gallery_strength (const CnnGallery *self, guint filter)
{
  float low = self->min[filter], high = self->max[filter];

  return (self->is_kernels || high < 0) && fabsf (low) > fabsf (high) ? low : high;
}

gboolean
cnn_gallery_is_dead (const CnnGallery *self, guint filter)
{
  float low = self->min[filter], high = self->max[filter];

  if (low != high)
    return FALSE;
  return high == 0 || (!self->is_kernels && (gsize)self->width * self->height > 1);
}

void
cnn_gallery_get_range (const CnnGallery *self, float *low, float *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint i = 0; i < self->n; i++) {
    *low = MIN (*low, self->min[i]);
    *high = MAX (*high, self->max[i]);
  }
  if (self->is_kernels) {
    *high = MAX (fabsf (*low), fabsf (*high));
    *low = -*high;
  }
}

gboolean
cnn_gallery_parse_inputs (const char *text, int *inputs)
{
  guint64 number;

  if (strcmp (text, "mean") == 0)
    *inputs = CNN_GALLERY_MEAN;
  else if (strcmp (text, "norm") == 0)
    *inputs = CNN_GALLERY_NORM;
  else if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL))
    *inputs = (int)number;
  else
    return FALSE;
  return TRUE;
}

/* The columns after the filter's number. */
#define N_COLUMNS 5
static const char *const columns[N_COLUMNS] = { "strongest", "min", "max", "mean", "zero_share" };

static void
get_row (const CnnGallery *self, guint filter, double row[N_COLUMNS])
{
  row[0] = (double)cnn_gallery_strength (self, filter);
  row[1] = (double)self->min[filter];
  row[2] = (double)self->max[filter];
  row[3] = (double)self->mean[filter];
  row[4] = (double)self->zero_share[filter];
}

char *
cnn_gallery_to_csv (const CnnGallery *self)
{
  GString *text = g_string_new ("filter");
  double row[N_COLUMNS];

  for (guint k = 0; k < N_COLUMNS; k++)
    g_string_append_printf (text, ",%s", columns[k]);
  g_string_append (text, ",dead\n");
  for (guint i = 0; i < self->n; i++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    get_row (self, i, row);
    g_string_append_printf (text, "%u", i);
    for (guint k = 0; k < N_COLUMNS; k++)
      g_string_append_printf (text, ",%s", g_ascii_formatd (number, sizeof number, "%.9g", row[k]));
    g_string_append_printf (text, ",%d\n", cnn_gallery_is_dead (self, i) ? 1 : 0);
  }
  return g_string_free (text, FALSE);
}

char *
cnn_gallery_to_json (const CnnGallery *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  double row[N_COLUMNS];

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "layer");
  json_builder_add_string_value (builder, self->layer);
  json_builder_set_member_name (builder, "kind");
  json_builder_add_string_value (builder, self->is_kernels ? "kernels" : "activations");
  json_builder_set_member_name (builder, "filters");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->n; i++) {
    get_row (self, i, row);
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "filter");
    json_builder_add_int_value (builder, i);
    for (guint k = 0; k < N_COLUMNS; k++) {
      json_builder_set_member_name (builder, columns[k]);
      /* JSON has no word for what is not finite */
      if (isfinite (row[k]))
        json_builder_add_double_value (builder, row[k]);
      else
        json_builder_add_null_value (builder);
    }
    json_builder_set_member_name (builder, "dead");
    json_builder_add_boolean_value (builder, cnn_gallery_is_dead (self, i));
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}
