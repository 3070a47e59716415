/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare-engine.h"

#include "engine/cnn-engine.h"

#include <string.h>

#define TOLERANCE 1e-4
#define N_IMAGES 3
#define N_SEEDS 3

typedef struct {
  const char *name;
  CnnModel *model;
  CnnEngine *engine;
  Reference *reference;
  guint main_input; /* index among the inputs */
  guint output;
  gsize in_size, out_size;
  float *images; /* N_IMAGES */
  float *seeds;  /* N_SEEDS gradients at the output */
} Comparison;

static void
check (Comparison *self, const char *what, guint value, const float *found, const float *expected, gsize n)
{
  double distance = relative_distance (found, expected, n);

  if (distance <= TOLERANCE)
    return;
  g_test_message ("%s: %s of value %u is off by %g", self->name, what, value, distance);
  for (gsize i = 0; i < MIN (n, 6); i++)
    g_test_message ("  [%u] %g, expected %g", (guint)i, found[i], expected[i]);
  g_test_fail ();
}

static void
check_error (Comparison *self, const char *what, GError **error)
{
  if (*error != NULL) {
    g_test_message ("%s: %s: %s", self->name, what, (*error)->message);
    g_test_fail ();
  }
  g_clear_error (error);
}

static gboolean
is_activation (CnnModel *model, guint value)
{
  return cnn_model_get_value (model, value)->constant == NULL;
}

static void
compare_reading (Comparison *self, gboolean all)
{
  for (guint v = 0; v < cnn_model_get_n_values (self->model); v++) {
    gsize n = cnn_engine_value_size (self->engine, v);
    g_autofree float *found = g_new0 (float, MAX (n, 1));
    g_autoptr (GError) error = NULL;

    if (!is_activation (self->model, v) || (!all && v != self->output))
      continue;
    if (cnn_engine_read (self->engine, v, found, NULL, &error))
      check (self, "the activation", v, found, self->reference->values[v], n);
    check_error (self, "reading", &error);
  }
}

/* Gradients with respect to one value, of all seeds in one batch. */
static void
compare_gradient (Comparison *self, guint wrt, CnnModifier modifier)
{
  gsize n = cnn_engine_value_size (self->engine, wrt);
  g_autofree float *found = g_new0 (float, MAX (n * N_SEEDS, 1));
  g_autofree char *what = g_strdup_printf ("the %s gradient", cnn_modifier_name (modifier));
  g_autoptr (GError) error = NULL;
  CnnSeed seeds[N_SEEDS];

  for (guint s = 0; s < N_SEEDS; s++)
    seeds[s] = (CnnSeed){ self->output, 0, 1, self->seeds + s * self->out_size };
  if (cnn_engine_gradient (self->engine, seeds, N_SEEDS, modifier, &wrt, 1, &found, NULL, NULL, &error))
    for (guint s = 0; s < N_SEEDS; s++) {
      reference_backward (self->reference, self->output, seeds[s].distribution, modifier);
      check (self, what, wrt, found + s * n, self->reference->diffs[wrt], n);
    }
  check_error (self, what, &error);
}

/* The current image: an input gradient of the fused plan first, then every value's. */
static void
compare_current (Comparison *self)
{
  guint input = cnn_model_get_input (self->model, self->main_input)->value;

  reference_set_input (self->reference, self->main_input, self->images);
  reference_forward (self->reference);
  cnn_engine_set_input (self->engine, self->images);
  for (guint modifier = 0; modifier < CNN_N_MODIFIERS; modifier++)
    compare_gradient (self, input, modifier);
  compare_reading (self, FALSE);
  compare_reading (self, TRUE);
  for (guint v = 0; v < cnn_model_get_n_values (self->model); v++)
    for (guint modifier = 0; modifier < CNN_N_MODIFIERS && is_activation (self->model, v); modifier++)
      compare_gradient (self, v, modifier);
  for (guint modifier = 0; modifier < CNN_N_MODIFIERS; modifier++)
    compare_gradient (self, input, modifier);
}

static void
compare_images (Comparison *self)
{
  g_autofree float *found = g_new0 (float, MAX (self->out_size, 1) * N_IMAGES);
  g_autoptr (GError) error = NULL;

  if (cnn_engine_forward (self->engine, self->images, N_IMAGES, &self->output, 1, &found, NULL, &error))
    for (guint i = 0; i < N_IMAGES; i++) {
      reference_set_input (self->reference, self->main_input, self->images + i * self->in_size);
      reference_forward (self->reference);
      check (self, "one of several outputs", self->output, found + i * self->out_size,
             self->reference->values[self->output], self->out_size);
    }
  check_error (self, "forward", &error);
}

static void
compare_gradients_at (Comparison *self, CnnModifier modifier)
{
  guint input = cnn_model_get_input (self->model, self->main_input)->value;
  g_autofree float *found = g_new0 (float, MAX (self->in_size, 1) * N_IMAGES);
  g_autoptr (GError) error = NULL;
  CnnSeed seeds[N_IMAGES];

  for (guint i = 0; i < N_IMAGES; i++)
    seeds[i] = (CnnSeed){ self->output, 0, 1, self->seeds + i % N_SEEDS * self->out_size };
  if (cnn_engine_gradient_at (self->engine, self->images, seeds, N_IMAGES, modifier, input, found, NULL, NULL,
                              &error))
    for (guint i = 0; i < N_IMAGES; i++) {
      reference_set_input (self->reference, self->main_input, self->images + i * self->in_size);
      reference_forward (self->reference);
      reference_backward (self->reference, self->output, seeds[i].distribution, modifier);
      check (self, "one of several images' gradients", input, found + i * self->in_size,
             self->reference->diffs[input], self->in_size);
    }
  check_error (self, "gradients of images", &error);
}

static void
draw_inputs (Comparison *self, guint32 seed, double low, double high, double step)
{
  self->images = g_new (float, MAX (self->in_size * N_IMAGES, 1));
  self->seeds = g_new (float, MAX (self->out_size * N_SEEDS, 1));
  kernel_cases_draw (self->images, self->in_size * N_IMAGES, seed, low, high, step);
  kernel_cases_draw (self->seeds, self->out_size * N_SEEDS, seed + 1, -1, 1, 0);
  for (guint i = 0; i < cnn_model_get_n_inputs (self->model); i++) {
    gsize n = cnn_engine_value_size (self->engine, cnn_model_get_input (self->model, i)->value);
    g_autofree float *data = g_new (float, MAX (n, 1));

    if (i == self->main_input)
      continue;
    kernel_cases_draw (data, n, seed + 2 + i, low, high, step);
    reference_set_input (self->reference, i, data);
    cnn_engine_set_constant_input (self->engine, i, data);
  }
}

void
compare_engine (CnnModel *model, const char *name, guint32 seed, double low, double high, double step)
{
  g_autoptr (CnnEngine) engine = cnn_engine_new (model);
  g_autoptr (Reference) reference = reference_new (model);
  Comparison self = { name, model, engine, reference };

  self.main_input = (guint)MAX (cnn_model_get_image_input (model), 0);
  self.output = cnn_model_get_output (model, 0);
  self.in_size = cnn_engine_input_size (engine);
  self.out_size = cnn_engine_value_size (engine, self.output);
  draw_inputs (&self, seed, low, high, step);
  compare_current (&self);
  compare_images (&self);
  for (guint modifier = 0; modifier < CNN_N_MODIFIERS; modifier++)
    compare_gradients_at (&self, modifier);
  g_free (self.images);
  g_free (self.seeds);
}
