/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-engine-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <omp.h>
#include <string.h>

/* Floats that the tensors of one batch may take before batches get smaller. */
#define BATCH_BUDGET ((gsize)96 << 20)
#define MAX_BATCH 64
/* Compiled plans beside those of the current input, and ways back through one plan, that are kept. */
#define MAX_PLANS 6
#define MAX_BACKWARDS 6

/* A plan, the ways back through it, and whether it holds the current input's results. */
typedef struct {
  CnnPlan *plan;
  GPtrArray *backwards; /* CnnBackward, last used last */
  gboolean is_run;
  gsize backward_cost; /* floats of one row of a way back */
  guint *wanted;       /* NULL: all */
  guint n_wanted;
} Compiled;

struct _CnnEngine {
  CnnModel *model;
  CnnWeightCache *weights;
  Compiled *live;     /* fused, of the current input */
  Compiled *open;     /* nothing fused: every value can be looked at */
  GPtrArray *batches; /* Compiled, last used last */
  float *input;
  float **constants; /* by input: what further inputs are held at, where set */
  guint64 input_number, constants_number;
};

static const char *const modifier_names[CNN_N_MODIFIERS] = { "vanilla", "guided", "relu" };

const char *
cnn_modifier_name (CnnModifier modifier)
{
  g_return_val_if_fail (modifier < CNN_N_MODIFIERS, "?");
  return modifier_names[modifier];
}

gboolean
cnn_modifier_from_name (const char *name, CnnModifier *modifier)
{
  for (guint i = 0; i < CNN_N_MODIFIERS; i++)
    if (g_strcmp0 (name, modifier_names[i]) == 0) {
      *modifier = i;
      return TRUE;
    }
  return FALSE;
}

void
cnn_engine_set_threads (guint n)
{
  omp_set_num_threads (n > 0 ? (int)n : omp_get_num_procs ());
}

guint
cnn_engine_get_threads (void)
{
  return (guint)omp_get_max_threads ();
}

/* compiled plans */

void
cnn_engine_fill_constants (CnnEngine *self, CnnPlan *plan)
{
  for (guint i = 0; i < cnn_model_get_n_inputs (self->model); i++)
    for (guint b = 0; b < plan->batch && self->constants[i] != NULL; b++)
      cnn_plan_write (plan, cnn_model_get_input (self->model, i)->value, self->constants[i], b, 1);
}

static void
compiled_free (Compiled *compiled)
{
  g_ptr_array_unref (compiled->backwards);
  cnn_plan_free (compiled->plan);
  g_free (compiled->wanted);
  g_free (compiled);
}

static Compiled *
compiled_new (CnnEngine *self, guint batch, const guint *wanted, guint n_wanted, gboolean has_backward,
              gboolean unfused, GError **error)
{
  CnnPlan *plan =
      cnn_plan_new (self->model, batch, wanted, n_wanted, has_backward, unfused, self->weights, error);
  Compiled *compiled;

  if (plan == NULL)
    return NULL;
  cnn_engine_fill_constants (self, plan);
  compiled = g_new0 (Compiled, 1);
  compiled->plan = plan;
  compiled->backwards = g_ptr_array_new_with_free_func ((GDestroyNotify)cnn_backward_free);
  compiled->wanted = g_memdup2 (wanted, n_wanted * sizeof *wanted);
  compiled->n_wanted = n_wanted;
  compiled->backward_cost = has_backward ? cnn_backward_sample_cost (plan) : 0;
  return compiled;
}

static CnnBackward *
compiled_backward (Compiled *compiled, guint batch)
{
  CnnBackward *backward;

  for (guint i = 0; i < compiled->backwards->len; i++) {
    backward = g_ptr_array_index (compiled->backwards, i);
    if (backward->batch == batch) {
      g_ptr_array_add (compiled->backwards, g_ptr_array_steal_index (compiled->backwards, i));
      return backward;
    }
  }
  backward = cnn_backward_new (compiled->plan, batch);
  if (compiled->backwards->len >= MAX_BACKWARDS)
    g_ptr_array_remove_index (compiled->backwards, 0);
  g_ptr_array_add (compiled->backwards, backward);
  return backward;
}

static Compiled *
batch_plan (CnnEngine *self, guint batch, const guint *wanted, guint n_wanted, gboolean has_backward,
            gboolean unfused, GError **error)
{
  Compiled *compiled;

  for (guint i = 0; i < self->batches->len; i++) {
    compiled = g_ptr_array_index (self->batches, i);
    if (compiled->plan->batch == batch && compiled->plan->has_backward == has_backward &&
        compiled->plan->unfused == unfused && compiled->n_wanted == n_wanted &&
        memcmp (compiled->wanted ? compiled->wanted : wanted, wanted, n_wanted * sizeof *wanted) == 0) {
      g_ptr_array_add (self->batches, g_ptr_array_steal_index (self->batches, i));
      return compiled;
    }
  }
  compiled = compiled_new (self, batch, wanted, n_wanted, has_backward, unfused, error);
  if (compiled == NULL)
    return NULL;
  if (self->batches->len >= MAX_PLANS)
    g_ptr_array_remove_index (self->batches, 0);
  g_ptr_array_add (self->batches, compiled);
  return compiled;
}

/* life */

CnnEngine *
cnn_engine_new (CnnModel *model)
{
  CnnEngine *self = g_new0 (CnnEngine, 1);

  self->model = g_object_ref (model);
  self->weights = cnn_weight_cache_new ();
  self->batches = g_ptr_array_new_with_free_func ((GDestroyNotify)compiled_free);
  self->constants = g_new0 (float *, cnn_model_get_n_inputs (model) + 1);
  self->input = g_new0 (float, MAX (cnn_engine_input_size (self), 1));
  return self;
}

void
cnn_engine_free (CnnEngine *self)
{
  g_clear_pointer (&self->live, compiled_free);
  g_clear_pointer (&self->open, compiled_free);
  g_ptr_array_unref (self->batches);
  cnn_weight_cache_free (self->weights);
  for (guint i = 0; i < cnn_model_get_n_inputs (self->model); i++)
    g_free (self->constants[i]);
  g_free (self->constants);
  g_free (self->input);
  g_object_unref (self->model);
  g_free (self);
}

CnnModel *
cnn_engine_get_model (CnnEngine *self)
{
  return self->model;
}

/* The input that takes the picture; a graph without one takes its numbers at the first. */
guint
cnn_engine_get_input_value (CnnEngine *self)
{
  return cnn_model_get_input (self->model, (guint)MAX (cnn_model_get_image_input (self->model), 0))->value;
}

gsize
cnn_engine_value_size (CnnEngine *self, guint value)
{
  return cnn_shape_size (&cnn_model_get_value (self->model, value)->shape);
}

gsize
cnn_engine_input_size (CnnEngine *self)
{
  return cnn_engine_value_size (self, cnn_engine_get_input_value (self));
}

static void
forget_results (CnnEngine *self)
{
  if (self->live != NULL)
    self->live->is_run = FALSE;
  if (self->open != NULL)
    self->open->is_run = FALSE;
}

void
cnn_engine_set_input (CnnEngine *self, const float *image)
{
  memcpy (self->input, image, cnn_engine_input_size (self) * sizeof (float));
  self->input_number++;
  forget_results (self);
}

void
cnn_engine_set_constant_input (CnnEngine *self, guint input, const float *values)
{
  guint value = cnn_model_get_input (self->model, input)->value;

  g_free (self->constants[input]);
  self->constants[input] = g_memdup2 (values, cnn_engine_value_size (self, value) * sizeof (float));
  self->input_number++;
  self->constants_number++;
  g_clear_pointer (&self->live, compiled_free);
  g_clear_pointer (&self->open, compiled_free);
  g_ptr_array_set_size (self->batches, 0);
}

/* the current input */

static gboolean
check_value (CnnEngine *self, guint value, GError **error)
{
  const char *why = cnn_model_get_unsupported (self->model);

  if (value < cnn_model_get_n_values (self->model) && cnn_model_get_value (self->model, value)->known)
    return TRUE;
  g_set_error_literal (error, CNN_ERROR, CNN_ERROR_UNSUPPORTED,
                       why != NULL ? why : _ ("That tensor cannot be computed."));
  return FALSE;
}

/* The plan of the current input that holds all of @values, run. */
static Compiled *
current_plan (CnnEngine *self, const guint *values, guint n_values, GCancellable *cancellable, GError **error)
{
  Compiled **which = &self->live;

  for (guint i = 0; i < n_values; i++)
    if (!check_value (self, values[i], error))
      return NULL;
  for (int turn = 0; turn < 2; turn++, which = &self->open) {
    gboolean holds_all = TRUE;

    if (*which == NULL)
      *which = compiled_new (self, 1, NULL, 0, TRUE, turn == 1, error);
    if (*which == NULL)
      return NULL;
    for (guint i = 0; i < n_values; i++)
      holds_all = holds_all && cnn_plan_value ((*which)->plan, values[i]) != NULL;
    if (holds_all || turn == 1)
      break;
  }
  if (!(*which)->is_run) {
    cnn_plan_write ((*which)->plan, cnn_engine_get_input_value (self), self->input, 0, 1);
    if (!cnn_plan_forward ((*which)->plan, NULL, cancellable, error))
      return NULL;
    (*which)->is_run = TRUE;
  }
  return *which;
}

/* for the incremental forward */

CnnPlan *
cnn_engine_live_plan (CnnEngine *self, GCancellable *cancellable, GError **error)
{
  guint input = cnn_engine_get_input_value (self);
  Compiled *compiled = current_plan (self, &input, 1, cancellable, error);

  return compiled != NULL ? compiled->plan : NULL;
}

CnnPlan *
cnn_engine_peek_live_plan (CnnEngine *self)
{
  return self->live != NULL ? self->live->plan : NULL;
}

guint64
cnn_engine_get_input_number (CnnEngine *self)
{
  return self->input_number;
}

guint64
cnn_engine_get_constants_number (CnnEngine *self)
{
  return self->constants_number;
}

const float *
cnn_engine_get_input (CnnEngine *self)
{
  return self->input;
}

CnnWeightCache *
cnn_engine_get_weights (CnnEngine *self)
{
  return self->weights;
}

static gboolean
read_constant (CnnEngine *self, guint value, float *out)
{
  const CnnTensor *constant = cnn_model_get_value (self->model, value)->constant;

  if (constant != NULL)
    cnn_tensor_read (constant, out);
  return constant != NULL;
}

gboolean
cnn_engine_read (CnnEngine *self, guint value, float *out, GCancellable *cancellable, GError **error)
{
  Compiled *compiled;

  if (value < cnn_model_get_n_values (self->model) && read_constant (self, value, out))
    return TRUE;
  compiled = current_plan (self, &value, 1, cancellable, error);
  if (compiled == NULL)
    return FALSE;
  cnn_plan_read (compiled->plan, value, out, 1);
  return TRUE;
}

/* gradients */

/* The channel's share of one sample: the positions of @channel in a plain tensor of @shape. */
static void
fill_seed (const CnnSeed *seed, const CnnShape *shape, float *out)
{
  gsize space = shape->rank > 2 ? cnn_shape_size_from (shape, 2) : 1;

  if (seed->distribution != NULL) {
    memcpy (out, seed->distribution, cnn_shape_size (shape) * sizeof (float));
    return;
  }
  memset (out, 0, cnn_shape_size (shape) * sizeof (float));
  for (gsize s = 0; s < space; s++)
    out[seed->channel * space + s] = seed->sign / (float)space;
}

static gboolean
check_seeds (CnnEngine *self, const CnnSeed *seeds, guint n, GError **error)
{
  const CnnShape *shape;
  guint channels;

  if (n == 0 || !check_value (self, seeds[0].value, error))
    return FALSE;
  shape = &cnn_model_get_value (self->model, seeds[0].value)->shape;
  channels = (guint)(shape->rank > 1 ? (gsize)shape->dims[1] : cnn_shape_size (shape));
  for (guint i = 0; i < n; i++)
    if (seeds[i].distribution == NULL && seeds[i].channel >= channels) {
      g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("There is no class or filter %u: there are %u."),
                   seeds[i].channel, channels);
      return FALSE;
    }
  return TRUE;
}

static float *
make_seed_rows (CnnEngine *self, const CnnSeed *seeds, guint n)
{
  const CnnShape *shape = &cnn_model_get_value (self->model, seeds[0].value)->shape;
  gsize size = cnn_shape_size (shape);
  float *rows = g_new (float, MAX (size * n, 1));

  for (guint i = 0; i < n; i++)
    fill_seed (&seeds[i], shape, rows + i * size);
  return rows;
}

static guint
batch_for (CnnEngine *self, guint n, gsize floats_per_sample)
{
  gsize most = BATCH_BUDGET / MAX (floats_per_sample, 1);

  if (!cnn_model_is_batchable (self->model))
    return 1;
  return (guint)CLAMP (MIN (most, MAX_BATCH), 1, MAX (n, 1));
}

gboolean
cnn_engine_gradient (CnnEngine *self, const CnnSeed *seeds, guint n_seeds, CnnModifier modifier,
                     const guint *wrt, guint n_wrt, float *const *outs, CnnGateCount *gates,
                     GCancellable *cancellable, GError **error)
{
  g_autofree guint *values = g_new (guint, n_wrt + 1);
  Compiled *compiled;
  guint batch;

  if (!check_seeds (self, seeds, n_seeds, error))
    return FALSE;
  memcpy (values, wrt, n_wrt * sizeof *wrt);
  values[n_wrt] = seeds[0].value;
  compiled = current_plan (self, values, n_wrt + 1, cancellable, error);
  if (compiled == NULL)
    return FALSE;
  batch = batch_for (self, n_seeds, compiled->backward_cost);
  for (guint done = 0; done < n_seeds; done += batch) {
    guint n = MIN (batch, n_seeds - done);
    CnnBackward *backward = compiled_backward (compiled, n);
    g_autofree float *rows = make_seed_rows (self, seeds + done, n);
    g_autofree float **at = g_new (float *, n_wrt + 1);

    for (guint i = 0; i < n_wrt; i++)
      at[i] = outs[i] + done * cnn_engine_value_size (self, wrt[i]);
    if (!cnn_backward_run (backward, seeds[0].value, rows, modifier, wrt, n_wrt, at, cancellable, error))
      return FALSE;
    if (gates != NULL)
      *gates = backward->gates;
  }
  return TRUE;
}

/* other inputs */

/* Floats of all values of one sample: more than any plan's arena needs. */
static gsize
sample_cost (CnnEngine *self)
{
  gsize most = 0, sum = 0;

  for (guint i = 0; i < cnn_model_get_n_ops (self->model); i++) {
    const CnnValue *value = cnn_model_get_value (self->model, cnn_model_get_op (self->model, i)->output);

    if (value->known) {
      most = MAX (most, cnn_shape_size (&value->shape));
      sum += cnn_shape_size (&value->shape);
    }
  }
  return MIN (sum, most * 4);
}

/* The smallest power of two that takes @n, so that few batch sizes are compiled. */
static guint
round_batch (guint n, guint most)
{
  guint batch = 1;

  while (batch < n)
    batch *= 2;
  return MIN (batch, MAX (most, 1));
}

gboolean
cnn_engine_forward (CnnEngine *self, const float *images, guint n, const guint *values, guint n_values,
                    float *const *outs, GCancellable *cancellable, GError **error)
{
  gsize size = cnn_engine_input_size (self);
  guint most = batch_for (self, MAX_BATCH, sample_cost (self));

  for (guint i = 0; i < n_values; i++)
    if (!check_value (self, values[i], error))
      return FALSE;
  for (guint done = 0, batch; done < n; done += MIN (batch, n - done)) {
    Compiled *compiled;
    guint m;

    batch = round_batch (n - done, most);
    m = MIN (batch, n - done);
    compiled = batch_plan (self, batch, values, n_values, FALSE, FALSE, error);
    if (compiled == NULL)
      return FALSE;
    cnn_plan_write (compiled->plan, cnn_engine_get_input_value (self), images + done * size, 0, m);
    if (!cnn_plan_forward (compiled->plan, NULL, cancellable, error))
      return FALSE;
    for (guint i = 0; i < n_values; i++)
      if (!read_constant (self, values[i], outs[i]))
        cnn_plan_read (compiled->plan, values[i], outs[i] + done * cnn_engine_value_size (self, values[i]),
                       m);
  }
  return TRUE;
}

/* The mean of the seed's channel over space, signed. */
static float
seed_score (const CnnSeed *seed, const CnnShape *shape, const float *activation)
{
  gsize space = shape->rank > 2 ? cnn_shape_size_from (shape, 2) : 1;
  double sum = 0;

  for (gsize s = 0; s < space; s++)
    sum += activation[seed->channel * space + s];
  return seed->sign * (float)(sum / (double)space);
}

/* One batch of cnn_engine_gradient_at(); the rows beyond @n compute something that nobody reads. */
static gboolean
gradient_batch (CnnEngine *self, Compiled *compiled, const float *images, const CnnSeed *seeds, guint n,
                CnnModifier modifier, guint wrt, float *out, float *scores, GCancellable *cancellable,
                GError **error)
{
  guint batch = compiled->plan->batch, value = seeds[0].value;
  const CnnShape *shape = &cnn_model_get_value (self->model, value)->shape;
  gsize size = cnn_shape_size (shape), wrt_size = cnn_engine_value_size (self, wrt);
  g_autofree float *rows = g_new0 (float, MAX (size * batch, 1)),
                   *gradient = g_new (float, MAX (wrt_size * batch, 1));
  CnnBackward *backward = compiled_backward (compiled, batch);

  cnn_plan_write (compiled->plan, cnn_engine_get_input_value (self), images, 0, n);
  if (!cnn_plan_forward (compiled->plan, NULL, cancellable, error))
    return FALSE;
  if (scores != NULL) {
    g_autofree float *activations = g_new (float, MAX (size * batch, 1));

    cnn_plan_read (compiled->plan, value, activations, batch);
    for (guint i = 0; i < n; i++)
      scores[i] = seed_score (&seeds[i], shape, activations + i * size);
  }
  for (guint i = 0; i < n; i++)
    fill_seed (&seeds[i], shape, rows + i * size);
  if (!cnn_backward_run (backward, value, rows, modifier, &wrt, 1, &gradient, cancellable, error))
    return FALSE;
  memcpy (out, gradient, n * wrt_size * sizeof (float));
  return TRUE;
}

gboolean
cnn_engine_gradient_at (CnnEngine *self, const float *images, const CnnSeed *seeds, guint n,
                        CnnModifier modifier, guint wrt, float *out, float *scores, GCancellable *cancellable,
                        GError **error)
{
  gsize size = cnn_engine_input_size (self), wrt_size;
  guint most = batch_for (self, MAX_BATCH, sample_cost (self) * 4);

  if (!check_seeds (self, seeds, n, error) || !check_value (self, wrt, error))
    return FALSE;
  wrt_size = cnn_engine_value_size (self, wrt);
  for (guint done = 0, batch; done < n; done += MIN (batch, n - done)) {
    guint wanted[] = { seeds[0].value, wrt };
    Compiled *compiled;

    batch = round_batch (n - done, most);
    compiled = batch_plan (self, batch, wanted, 2, TRUE, FALSE, error);
    if (compiled == NULL || !gradient_batch (self, compiled, images + done * size, seeds + done,
                                             MIN (batch, n - done), modifier, wrt, out + done * wrt_size,
                                             scores != NULL ? scores + done : NULL, cancellable, error))
      return FALSE;
  }
  return TRUE;
}

/* scores */

void
cnn_engine_class_scores (CnnEngine *self, const float *scores, guint n, float *out)
{
  const CnnShape *shape = &cnn_model_get_value (self->model, cnn_model_get_score_value (self->model))->shape;
  gsize space = shape->rank > 2 ? cnn_shape_size_from (shape, 2) : 1,
        classes = cnn_model_get_n_classes (self->model);

  for (gsize i = 0; i < n * classes; i++) {
    double sum = 0;

    for (gsize s = 0; s < space; s++)
      sum += scores[i * space + s];
    out[i] = (float)(sum / (double)space);
  }
}

static void
softmax (double *x, gsize n)
{
  double most = -INFINITY, sum = 0;

  for (gsize i = 0; i < n; i++)
    most = MAX (most, x[i]);
  for (gsize i = 0; i < n; i++)
    sum += exp (x[i] - most);
  for (gsize i = 0; i < n; i++)
    x[i] = exp (x[i] - most) / sum;
}

void
cnn_engine_probabilities_double (CnnEngine *self, const float *scores, guint n, double *out)
{
  gsize classes = cnn_model_get_n_classes (self->model);
  g_autofree float *by_class = g_new (float, MAX (classes * n, 1));

  cnn_engine_class_scores (self, scores, n, by_class);
  for (gsize i = 0; i < n * classes; i++)
    out[i] = by_class[i];
  for (gsize i = 0; i < n; i++) {
    double *row = out + i * classes;

    if (cnn_model_get_head (self->model) != CNN_HEAD_SIGMOID)
      softmax (row, classes);
    else
      for (gsize k = 0; k < classes; k++)
        row[k] = 1 / (1 + exp (-row[k]));
  }
}

void
cnn_engine_probabilities (CnnEngine *self, const float *scores, guint n, float *out)
{
  gsize count = (gsize)cnn_model_get_n_classes (self->model) * n;
  g_autofree double *exact = g_new (double, MAX (count, 1));

  cnn_engine_probabilities_double (self, scores, n, exact);
  for (gsize i = 0; i < count; i++)
    out[i] = (float)exact[i];
}

void
cnn_engine_outcomes (CnnEngine *self, const float *scores, guint n, double *out)
{
  gsize count = (gsize)cnn_model_get_n_classes (self->model) * n;
  g_autofree float *plain = NULL;

  if (cnn_model_has_probabilities (self->model)) {
    cnn_engine_probabilities_double (self, scores, n, out);
    return;
  }
  plain = g_new (float, MAX (count, 1));
  cnn_engine_class_scores (self, scores, n, plain);
  for (gsize i = 0; i < count; i++)
    out[i] = plain[i];
}

gboolean
cnn_engine_measure_layers (CnnEngine *self, double *out, GCancellable *cancellable, GError **error)
{
  guint score = cnn_model_get_score_value (self->model), runs = 5;
  Compiled *compiled = current_plan (self, &score, 1, cancellable, error);

  if (compiled == NULL)
    return FALSE;
  memset (out, 0, cnn_model_get_n_layers (self->model) * sizeof *out);
  for (guint i = 0; i < runs; i++)
    if (!cnn_plan_forward (compiled->plan, out, cancellable, error))
      return FALSE;
  for (guint i = 0; i < cnn_model_get_n_layers (self->model); i++)
    out[i] /= runs;
  return TRUE;
}
