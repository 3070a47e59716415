/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiling a model into steps: what is needed, what is fused, where the tensors lie. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "engine/incremental/cnn-region.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What is only used while compiling. */
typedef struct {
  CnnPlan *plan;
  gboolean *needed;   /* by operator */
  gboolean *done;     /* by operator: fused into an earlier step */
  gboolean *kept;     /* by value: must have a slot of its own */
  guint *n_consumers; /* by value */
  guint *consumer;    /* by value: the last operator that reads it */
} Lowering;

CnnSlot *
cnn_plan_slot (CnnPlan *plan, guint slot)
{
  return &g_array_index (plan->slots, CnnSlot, slot);
}

CnnSlot *
cnn_plan_value (CnnPlan *plan, guint value)
{
  return plan->slot_of[value] == CNN_NO_SLOT ? NULL : cnn_plan_slot (plan, plan->slot_of[value]);
}

const CnnTensor *
cnn_plan_constant (CnnPlan *plan, const CnnOp *op, guint input)
{
  if (input >= op->n_inputs || op->inputs[input] == CNN_NO_VALUE)
    return NULL;
  return cnn_model_get_value (plan->model, op->inputs[input])->constant;
}

const float *
cnn_plan_plain_floats (CnnPlan *plan, const CnnTensor *tensor)
{
  const float *data;

  if (cnn_tensor_is_contiguous (tensor))
    return tensor->data;
  data = cnn_weight_cache_lookup (plan->weights, tensor, NULL, CNN_FLOATS_PLAIN);
  return data != NULL ? data
                      : cnn_weight_cache_put (plan->weights, tensor, NULL, CNN_FLOATS_PLAIN,
                                              cnn_tensor_dup_data (tensor));
}

static guint
slot_new (CnnPlan *plan, const CnnShape *shape)
{
  CnnSlot slot = { .shape = *shape, .n = 1, .c = 1, .h = 1, .w = 1 };

  if (shape->rank > 0) {
    slot.shape.dims[0] *= plan->batch;
    slot.n = slot.shape.dims[0];
  }
  if (shape->rank > 1)
    slot.c = shape->dims[1];
  if (shape->rank > 2)
    slot.w = shape->dims[shape->rank - 1];
  for (guint i = 2; i + 1 < shape->rank; i++)
    slot.h *= shape->dims[i];
  slot.first = slot.last = plan->steps->len;
  cnn_slot_set_block (&slot, 1);
  g_array_append_val (plan->slots, slot);
  return plan->slots->len - 1;
}

/* needed operators */

static void
mark_needed (Lowering *low, const guint *wanted, guint n_wanted)
{
  CnnModel *model = low->plan->model;
  guint n_values = cnn_model_get_n_values (model);
  g_autofree gboolean *value_needed = g_new0 (gboolean, n_values);

  for (guint i = 0; i < n_wanted; i++)
    value_needed[wanted[i]] = low->kept[wanted[i]] = TRUE;
  for (guint i = cnn_model_get_n_ops (model); i-- > 0;) {
    const CnnOp *op = cnn_model_get_op (model, i);

    if (!cnn_model_get_value (model, op->output)->known || (wanted != NULL && !value_needed[op->output]))
      continue;
    low->needed[i] = TRUE;
    for (guint k = 0; k < op->n_inputs; k++)
      if (op->inputs[k] != CNN_NO_VALUE) {
        value_needed[op->inputs[k]] = TRUE;
        low->n_consumers[op->inputs[k]]++;
        low->consumer[op->inputs[k]] = i;
      }
  }
  if (wanted != NULL)
    return;
  for (guint i = 0; i < cnn_model_get_n_outputs (model); i++)
    low->kept[cnn_model_get_output (model, i)] = TRUE;
  low->kept[cnn_model_get_score_value (model)] = TRUE;
}

/* fusing */

/* The only operator that reads @value, where the value itself is not asked for. */
static const CnnOp *
only_consumer (Lowering *low, guint value)
{
  guint i = low->consumer[value];
  const CnnOp *op;

  if (low->plan->unfused || low->kept[value] || low->n_consumers[value] != 1)
    return NULL;
  op = cnn_model_get_op (low->plan->model, i);
  return low->done[i] ? NULL : op;
}

static void
swallow (Lowering *low, guint value)
{
  low->done[low->consumer[value]] = TRUE;
}

static gboolean
can_fuse_activation (CnnPlan *plan, CnnStep *step, const CnnActivationAttrs *act)
{
  dnnl_alg_kind_t alg;
  float alpha, beta;

  if (plan->has_backward && !cnn_activation_derives_from_output (act))
    return FALSE;
  return step->klass != &cnn_step_class_conv || cnn_dnnl_eltwise (act, &alg, &alpha, &beta);
}

static gboolean
is_channel_affine (CnnPlan *plan, const CnnOp *op)
{
  return op->kind == CNN_OP_BATCH_NORM && op->attrs.batch_norm.axis == 1 &&
         cnn_plan_constant (plan, op, 1) != NULL && cnn_plan_constant (plan, op, 2) != NULL;
}

/* The slot of the other summand where @op adds an activation of the same shape that is there already. */
static guint
other_summand (CnnPlan *plan, const CnnOp *op, guint value)
{
  guint other;

  if (op->kind != CNN_OP_BINARY || op->attrs.binary.kind != CNN_BINARY_ADD)
    return CNN_NO_SLOT;
  other = op->inputs[0] == value ? op->inputs[1] : op->inputs[0];
  if (other == value || plan->slot_of[other] == CNN_NO_SLOT ||
      !cnn_shape_equal (&cnn_model_get_value (plan->model, other)->shape,
                        &cnn_model_get_value (plan->model, value)->shape))
    return CNN_NO_SLOT;
  return plan->slot_of[other];
}

/* Draws what follows into @step; returns the value that the step then writes. */
static guint
fuse (Lowering *low, CnnStep *step)
{
  CnnPlan *plan = low->plan;
  guint value = step->op->output;
  gboolean is_conv = step->klass == &cnn_step_class_conv;
  const CnnOp *next;

  if (!is_conv && step->klass != &cnn_step_class_affine && step->klass != &cnn_step_class_add)
    return value;
  next = only_consumer (low, value);
  if (is_conv && next != NULL && is_channel_affine (plan, next)) {
    step->batch_norm = next;
    swallow (low, value);
    value = next->output;
    next = only_consumer (low, value);
  }
  if (is_conv && next != NULL && other_summand (plan, next, value) != CNN_NO_SLOT) {
    step->residual = other_summand (plan, next, value);
    swallow (low, value);
    value = next->output;
    next = only_consumer (low, value);
  }
  if (next != NULL && next->kind == CNN_OP_ACTIVATION &&
      can_fuse_activation (plan, step, &next->attrs.activation)) {
    step->activation = &next->attrs.activation;
    swallow (low, value);
    value = next->output;
  }
  return value;
}

/* steps */

static void
step_free (CnnStep *step)
{
  if (step->state != NULL && step->klass->free_state != NULL)
    step->klass->free_state (step->state);
  g_free (step->inputs);
  g_free (step);
}

CnnStep *
cnn_step_new (const CnnStepClass *klass, const CnnOp *op, guint n_inputs)
{
  CnnStep *step = g_new0 (CnnStep, 1);

  step->klass = klass;
  step->op = op;
  step->n_inputs = n_inputs;
  step->inputs = g_new (guint, MAX (n_inputs, 1));
  step->residual = CNN_NO_SLOT;
  return step;
}

guint
cnn_plan_in_block (CnnPlan *plan, guint slot, guint block)
{
  CnnStep *step;

  if (cnn_plan_slot (plan, slot)->block == block)
    return slot;
  for (guint i = plan->steps->len; i-- > cnn_plan_slot (plan, slot)->first;) { /* nothing read it before */
    step = g_ptr_array_index (plan->steps, i);
    if (step->klass == &cnn_step_class_convert && step->inputs[0] == slot &&
        cnn_plan_slot (plan, step->output)->block == block)
      return step->output;
  }
  step = cnn_step_new (&cnn_step_class_convert, NULL, 1);
  step->inputs[0] = slot;
  {
    CnnSlot copy = *cnn_plan_slot (plan, slot);

    copy.first = copy.last = plan->steps->len;
    cnn_slot_set_block (&copy, block);
    g_array_append_val (plan->slots, copy);
  }
  step->output = plan->slots->len - 1;
  g_ptr_array_add (plan->steps, step);
  return step->output;
}

static gboolean
lower_op (Lowering *low, const CnnOp *op, GError **error)
{
  CnnPlan *plan = low->plan;
  CnnStep *step;
  CnnRegion *region;
  guint value;

  if (op->kind == CNN_OP_IDENTITY) {
    plan->slot_of[op->output] = plan->slot_of[op->inputs[0]];
    return TRUE;
  }
  step = cnn_step_new (cnn_step_class_for (plan, op), op, op->n_inputs);
  for (guint i = 0; i < op->n_inputs; i++)
    step->inputs[i] = op->inputs[i] == CNN_NO_VALUE ? CNN_NO_SLOT : plan->slot_of[op->inputs[i]];
  value = fuse (low, step);
  if (!cnn_region_fit (plan, step, value, &region)) {
    plan->slot_of[value] = step->output;
    step_free (step);
    return TRUE;
  }
  step->output = slot_new (plan, &cnn_model_get_value (plan->model, value)->shape);
  if (region != NULL)
    cnn_slot_set_region (cnn_plan_slot (plan, step->output), region, NULL);
  if (plan->weights != NULL && step->klass->compile != NULL && !step->klass->compile (plan, step, error)) {
    step_free (step);
    return FALSE;
  }
  cnn_plan_slot (plan, step->output)->first = plan->steps->len;
  plan->slot_of[value] = step->output;
  g_ptr_array_add (plan->steps, step);
  return TRUE;
}

/* the arena */

/* Slots stay alive from the step that writes them to the last that reads them, or for good. */
static void
find_lifetimes (Lowering *low)
{
  CnnPlan *plan = low->plan;

  for (guint i = 0; i < plan->steps->len; i++) {
    CnnStep *step = g_ptr_array_index (plan->steps, i);

    for (guint k = 0; k < step->n_inputs; k++)
      if (step->inputs[k] != CNN_NO_SLOT)
        cnn_plan_slot (plan, step->inputs[k])->last = i;
    if (step->residual != CNN_NO_SLOT)
      cnn_plan_slot (plan, step->residual)->last = i;
  }
  for (guint i = 0; i < plan->slots->len && (plan->has_backward || plan->unfused); i++)
    cnn_plan_slot (plan, i)->last = G_MAXUINT;
  for (guint i = 0; i < cnn_model_get_n_values (plan->model); i++)
    if (plan->slot_of[i] != CNN_NO_SLOT &&
        (low->kept[i] || cnn_model_get_value (plan->model, i)->producer == CNN_NO_VALUE))
      cnn_plan_slot (plan, plan->slot_of[i])->last = G_MAXUINT;
}

static gsize
slot_room (const CnnSlot *slot)
{
  return (slot->sample_size * (gsize)slot->n + 31) / 16 * 16;
}

/* Takes away the slots that are dead before step @first; the others stay in their order. */
static void
forget_dead (CnnPlan *plan, GArray *placed, guint first)
{
  guint kept = 0;

  for (guint i = 0; i < placed->len; i++) {
    guint slot = g_array_index (placed, guint, i);

    if (cnn_plan_slot (plan, slot)->last >= first)
      g_array_index (placed, guint, kept++) = slot;
  }
  g_array_set_size (placed, kept);
}

/* For each slot the first step that writes it or any later slot: what is dead before then is of no interest.
 */
static guint *
earliest_steps (CnnPlan *plan)
{
  guint *earliest = g_new (guint, MAX (plan->slots->len, 1)), least = G_MAXUINT;

  for (guint i = plan->slots->len; i-- > 0;)
    earliest[i] = least = MIN (least, cnn_plan_slot (plan, i)->first);
  return earliest;
}

/* First fit: the lowest offset that no slot alive at the same time covers. @placed is sorted by offset, so
 * that one walk upwards finds the first gap. */
static void
place_slot (CnnPlan *plan, GArray *placed, guint i)
{
  CnnSlot *slot = cnn_plan_slot (plan, i);
  guint at = 0;

  for (guint k = 0; k < placed->len; k++) {
    const CnnSlot *other = cnn_plan_slot (plan, g_array_index (placed, guint, k));

    if (other->last < slot->first || slot->last < other->first)
      continue;
    if (other->offset >= slot->offset + slot_room (slot))
      break;
    slot->offset = MAX (slot->offset, other->offset + slot_room (other));
  }
  while (at < placed->len && cnn_plan_slot (plan, g_array_index (placed, guint, at))->offset <= slot->offset)
    at++;
  g_array_insert_val (placed, at, i);
}

static void
place_slots (CnnPlan *plan)
{
  g_autoptr (GArray) placed = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint *earliest = earliest_steps (plan);
  gboolean for_good = plan->has_backward || plan->unfused;

  for (guint i = 0; i < plan->slots->len; i++) {
    CnnSlot *slot = cnn_plan_slot (plan, i);

    slot->offset = for_good ? plan->arena_size : 0;
    if (!for_good) {
      forget_dead (plan, placed, earliest[i]);
      place_slot (plan, placed, i);
    }
    plan->arena_size = MAX (plan->arena_size, slot->offset + slot_room (slot));
  }
  plan->arena = cnn_dnnl_alloc (plan->arena_size);
  for (guint i = 0; i < plan->slots->len; i++)
    cnn_plan_slot (plan, i)->data = plan->arena + cnn_plan_slot (plan, i)->offset;
}

static gboolean
lower (Lowering *low, const guint *wanted, guint n_wanted, guint input, const CnnRegion *region,
       GError **error)
{
  CnnPlan *plan = low->plan;
  CnnModel *model = plan->model;

  mark_needed (low, wanted, n_wanted);
  for (guint i = 0; i < cnn_model_get_n_inputs (model); i++) {
    guint value = cnn_model_get_input (model, i)->value;

    plan->slot_of[value] = slot_new (plan, &cnn_model_get_value (model, value)->shape);
    if (value == input && region != NULL)
      cnn_slot_set_region (cnn_plan_slot (plan, plan->slot_of[value]), region, NULL);
  }
  for (guint i = 0; i < cnn_model_get_n_ops (model); i++)
    if (low->needed[i] && !low->done[i] && !lower_op (low, cnn_model_get_op (model, i), error))
      return FALSE;
  for (guint i = 0; i < n_wanted && region != NULL; i++)
    plan->slot_of[wanted[i]] = cnn_region_whole (plan, plan->slot_of[wanted[i]]);
  if (plan->weights == NULL)
    return TRUE;
  find_lifetimes (low);
  place_slots (plan);
  return TRUE;
}

/* Inputs beside the image keep their numbers. */
static void
fill_constant_inputs (CnnPlan *plan)
{
  for (guint i = 0; i < cnn_model_get_n_inputs (plan->model); i++) {
    const CnnInputInfo *input = cnn_model_get_input (plan->model, i);

    if (input->constant != NULL)
      for (guint b = 0; b < plan->batch; b++)
        cnn_plan_write (plan, input->value, input->constant, b, 1);
  }
}

/* Takes @plan, which has everything set but what is compiled. */
static CnnPlan *
compile (CnnPlan *plan, const guint *wanted, guint n_wanted, guint input, const CnnRegion *region,
         GError **error)
{
  CnnModel *model = plan->model;
  guint n_values = cnn_model_get_n_values (model), n_ops = cnn_model_get_n_ops (model);
  g_autofree gboolean *needed = g_new0 (gboolean, n_ops + 1), *done = g_new0 (gboolean, n_ops + 1);
  g_autofree gboolean *kept = g_new0 (gboolean, n_values);
  g_autofree guint *n_consumers = g_new0 (guint, n_values), *consumer = g_new0 (guint, n_values);
  Lowering low = { plan, needed, done, kept, n_consumers, consumer };

  plan->slots = g_array_new (FALSE, TRUE, sizeof (CnnSlot));
  plan->steps = g_ptr_array_new_with_free_func ((GDestroyNotify)step_free);
  plan->slot_of = g_new (guint, n_values);
  memset (plan->slot_of, 0xff, n_values * sizeof (guint));
  if (!lower (&low, wanted, n_wanted, input, region, error)) {
    cnn_plan_free (plan);
    return NULL;
  }
  if (plan->weights != NULL)
    fill_constant_inputs (plan);
  return plan;
}

CnnPlan *
cnn_plan_new (CnnModel *model, guint batch, const guint *wanted, guint n_wanted, gboolean has_backward,
              gboolean unfused, CnnWeightCache *weights, GError **error)
{
  CnnPlan *plan = g_new0 (CnnPlan, 1);

  *plan = (CnnPlan){
    .model = model, .batch = batch, .has_backward = has_backward, .unfused = unfused, .weights = weights
  };
  return compile (plan, wanted, n_wanted, CNN_NO_VALUE, NULL, error);
}

CnnPlan *
cnn_plan_new_windowed (CnnModel *model, guint batch, const guint *wanted, guint n_wanted, guint input,
                       CnnRegions *regions, const CnnRegion *region, CnnWeightCache *weights, GError **error)
{
  CnnPlan *plan = g_new0 (CnnPlan, 1);

  *plan = (CnnPlan){
    .model = model, .batch = batch, .weights = weights, .regions = region != NULL ? regions : NULL
  };
  return compile (plan, wanted, n_wanted, input, region, error);
}

void
cnn_plan_free (CnnPlan *plan)
{
  g_ptr_array_unref (plan->steps);
  g_array_unref (plan->slots);
  g_free (plan->slot_of);
  cnn_dnnl_free (plan->arena);
  g_free (plan);
}

/* running */

/* Slot rows of one model sample: more than one only where a graph keeps its own first axis. */
static gint64
rows_per_sample (CnnPlan *plan, const CnnSlot *slot)
{
  return slot->n / plan->batch;
}

void
cnn_plan_write (CnnPlan *plan, guint value, const float *in, guint first, guint n)
{
  CnnSlot *slot = cnn_plan_value (plan, value);
  gint64 rows;

  if (slot == NULL)
    return;
  rows = rows_per_sample (plan, slot);
  cnn_block_convert (in, 1, slot->data + (gsize)first * (gsize)rows * slot->sample_size, slot->block,
                     n * rows, slot->c, slot->h * slot->w, FALSE);
}

void
cnn_plan_read (CnnPlan *plan, guint value, float *out, guint n)
{
  CnnSlot *slot = cnn_plan_value (plan, value);

  g_return_if_fail (slot != NULL);
  cnn_block_convert (slot->data, slot->block, out, 1, n * rows_per_sample (plan, slot), slot->c,
                     slot->h * slot->w, FALSE);
}

gboolean
cnn_plan_forward (CnnPlan *plan, double *times, GCancellable *cancellable, GError **error)
{
  guint layer = 0;

  for (guint i = 0; i < plan->steps->len; i++) {
    CnnStep *step = g_ptr_array_index (plan->steps, i);
    gint64 start = times != NULL ? g_get_monotonic_time () : 0;

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    step->klass->forward (plan, step);
    if (plan->between != NULL)
      plan->between (plan->between_data);
    if (step->op != NULL)
      layer = step->op->layer;
    if (times != NULL)
      times[layer] += (double)(g_get_monotonic_time () - start) / 1000.0;
  }
  return TRUE;
}
