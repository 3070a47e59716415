/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-maximize-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

CnnMaximized *
cnn_maximized_new (guint n, CnnModel *model, int layer)
{
  CnnMaximized *self = g_new0 (CnnMaximized, 1);

  self->n = n;
  self->targets = g_new0 (CnnMaximizedTarget, MAX (n, 1));
  self->layer = layer;
  self->model = g_strdup (cnn_model_get_name (model));
  self->layer_name = layer >= 0 ? g_strdup (cnn_model_get_layer (model, (guint)layer)->name) : NULL;
  g_atomic_ref_count_init (&self->refs);
  return self;
}

CnnMaximized *
cnn_maximized_ref (CnnMaximized *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
cnn_maximized_unref (CnnMaximized *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < self->n; i++) {
    g_free (self->targets[i].label);
    g_clear_pointer (&self->targets[i].input, g_bytes_unref);
    g_clear_pointer (&self->targets[i].image, cnn_image_unref);
  }
  g_free (self->targets);
  g_free (self->title);
  g_free (self->layer_name);
  g_free (self->model);
  g_clear_pointer (&self->provenance, g_variant_unref);
  g_free (self);
}

static char *
make_title (const CnnMaximized *self)
{
  if (self->lowered && self->layer < 0 && self->n == 1)
    return g_strdup_printf (_ ("What lowers %s"), self->targets[0].label);
  if (self->lowered && self->layer < 0)
    return g_strdup (_ ("What lowers the classes"));
  if (self->lowered && self->n == 1)
    return g_strdup_printf (_ ("What lowers filter %d of %s"), (int)self->targets[0].index, self->layer_name);
  if (self->lowered)
    return g_strdup_printf (_ ("What lowers the filters of %s"), self->layer_name);
  if (self->layer < 0 && self->n == 1)
    return g_strdup_printf (_ ("What raises %s"), self->targets[0].label);
  if (self->layer < 0)
    return g_strdup (_ ("What raises the classes"));
  if (self->n == 1)
    return g_strdup_printf (_ ("What raises filter %d of %s"), (int)self->targets[0].index, self->layer_name);
  return g_strdup_printf (_ ("What raises the filters of %s"), self->layer_name);
}

void
cnn_maximized_finish (CnnMaximized *self, GVariant *provenance)
{
  GVariantBuilder indices, labels, scores, done;
  GVariantDict dict;

  g_variant_builder_init (&indices, G_VARIANT_TYPE ("ai"));
  g_variant_builder_init (&labels, G_VARIANT_TYPE ("as"));
  g_variant_builder_init (&scores, G_VARIANT_TYPE ("ad"));
  g_variant_builder_init (&done, G_VARIANT_TYPE ("ai"));
  for (guint i = 0; i < self->n; i++) {
    const CnnMaximizedTarget *target = &self->targets[i];

    g_variant_builder_add (&indices, "i", (gint32)target->index);
    g_variant_builder_add (&labels, "s", target->label);
    /* JSON has no word for what is not finite */
    g_variant_builder_add (&scores, "d", isfinite (target->score) ? target->score : 0.0);
    g_variant_builder_add (&done, "i", (gint32)target->done);
  }
  g_variant_dict_init (&dict, provenance);
  g_variant_dict_insert_value (&dict, "targets", g_variant_builder_end (&indices));
  g_variant_dict_insert_value (&dict, "labels", g_variant_builder_end (&labels));
  g_variant_dict_insert_value (&dict, "scores", g_variant_builder_end (&scores));
  g_variant_dict_insert_value (&dict, "iterations-done", g_variant_builder_end (&done));
  self->provenance = g_variant_ref_sink (g_variant_dict_end (&dict));
  g_variant_unref (provenance);
  self->title = make_title (self);
}
