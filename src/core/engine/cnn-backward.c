/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way back through a plan: diffs by slot, each contribution written once and added after that. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-plan.h"

#include <string.h>

static gsize
diff_size (CnnBackward *self, const CnnSlot *slot)
{
  return slot->sample_size * (gsize)(slot->n / self->plan->batch) * self->batch;
}

/* Diffs live from the last step that reads the slot (the first to write its diff) back to the step that
 * writes it. */
typedef struct {
  guint slot;
  guint shares;      /* the slot whose memory this one takes over; itself where it has its own */
  guint first, last; /* in backward time: 0 is the last step */
  gsize size, offset;
} DiffSpan;

/* The diff of a sum is that of its residual too. Where that step is the first to write the residual's diff,
 * the memory is handed over instead of copied. */
static void
share_residuals (CnnPlan *plan, const guint *readers, GArray *spans)
{
  for (guint i = plan->steps->len; i-- > 0;) {
    const CnnStep *step = g_ptr_array_index (plan->steps, i);
    guint residual = step->residual;
    DiffSpan *from, *to;

    if (residual == CNN_NO_SLOT || readers[residual] != i + 1)
      continue;
    from = &g_array_index (spans, DiffSpan, residual);
    to = &g_array_index (spans, DiffSpan, g_array_index (spans, DiffSpan, step->output).shares);
    if (from->size != to->size)
      continue;
    from->shares = to->slot;
    to->last = MAX (to->last, from->last);
  }
}

static void
find_spans (CnnPlan *plan, gsize rows_factor, GArray *spans)
{
  guint n_steps = plan->steps->len;
  g_autofree guint *born = g_new0 (guint, plan->slots->len), *readers = g_new0 (guint, plan->slots->len);

  /* the seed may enter at any slot, and diffs that were asked for are read when their step's turn comes */
  for (guint i = 0; i < n_steps; i++) {
    CnnStep *step = g_ptr_array_index (plan->steps, i);

    born[step->output] = i;
    for (guint k = 0; k <= step->n_inputs; k++) {
      guint slot = k < step->n_inputs ? step->inputs[k] : step->residual;

      if (slot != CNN_NO_SLOT)
        readers[slot] = MAX (readers[slot], i + 1);
    }
  }
  for (guint s = 0; s < plan->slots->len; s++) {
    const CnnSlot *slot = cnn_plan_slot (plan, s);
    guint last_reader = readers[s] > 0 ? readers[s] - 1 : born[s];
    DiffSpan span = {
      .slot = s, .shares = s, .first = n_steps - 1 - last_reader, .last = n_steps - 1 - born[s]
    };

    span.size = (slot->sample_size * (gsize)(slot->n / plan->batch) * rows_factor + 31) / 16 * 16;
    g_array_append_val (spans, span);
  }
  share_residuals (plan, readers, spans);
}

static int
by_size (gconstpointer a, gconstpointer b)
{
  const DiffSpan *x = a, *y = b;

  return x->size < y->size ? 1 : x->size > y->size ? -1 : (int)x->slot - (int)y->slot;
}

/* Largest first, each at the lowest offset that is free while it lives. */
static gsize
place_spans (GArray *spans)
{
  gsize total = 0;

  g_array_sort (spans, by_size);
  for (guint i = 0; i < spans->len; i++) {
    DiffSpan *span = &g_array_index (spans, DiffSpan, i);
    gboolean moved = span->shares == span->slot;

    span->offset = 0;
    while (moved) {
      moved = FALSE;
      for (guint k = 0; k < i; k++) {
        const DiffSpan *other = &g_array_index (spans, DiffSpan, k);

        if (other->shares != other->slot || other->last < span->first || span->last < other->first ||
            other->offset >= span->offset + span->size || span->offset >= other->offset + other->size)
          continue;
        span->offset = other->offset + other->size;
        moved = TRUE;
      }
    }
    total = MAX (total, span->offset + span->size);
  }
  return total;
}

gsize
cnn_backward_sample_cost (CnnPlan *plan)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, TRUE, sizeof (DiffSpan));

  find_spans (plan, 1, spans);
  return place_spans (spans);
}

CnnBackward *
cnn_backward_new (CnnPlan *plan, guint batch)
{
  CnnBackward *self = g_new0 (CnnBackward, 1);
  g_autoptr (GArray) spans = g_array_new (FALSE, TRUE, sizeof (DiffSpan));
  gsize size;

  self->plan = plan;
  self->batch = batch;
  self->repeat = batch / plan->batch;
  self->diffs = g_new0 (float *, plan->slots->len + 1);
  self->written = g_new0 (gboolean, plan->slots->len + 1);
  self->needed = g_new0 (gboolean, plan->slots->len + 1);
  self->states = g_new0 (gpointer, plan->steps->len + 1);
  self->is_compiled = g_new0 (gboolean, plan->steps->len + 1);
  find_spans (plan, batch, spans);
  size = place_spans (spans);
  self->arena = cnn_dnnl_alloc (size);
  for (guint i = 0; i < spans->len; i++) {
    const DiffSpan *span = &g_array_index (spans, DiffSpan, i);

    self->diffs[span->slot] = self->arena + span->offset;
    self->scratch_size = MAX (self->scratch_size, span->size);
  }
  for (guint i = 0; i < spans->len; i++) {
    const DiffSpan *span = &g_array_index (spans, DiffSpan, i);

    self->diffs[span->slot] = self->diffs[span->shares];
  }
  self->scratch = cnn_dnnl_alloc (self->scratch_size);
  return self;
}

void
cnn_backward_free (CnnBackward *self)
{
  for (guint i = 0; i < self->plan->steps->len; i++) {
    CnnStep *step = g_ptr_array_index (self->plan->steps, i);

    if (self->states[i] != NULL)
      step->klass->free_backward (self->states[i]);
  }
  cnn_dnnl_free (self->arena);
  cnn_dnnl_free (self->scratch);
  g_free (self->diffs);
  g_free (self->written);
  g_free (self->needed);
  g_free (self->states);
  g_free (self->is_compiled);
  g_free (self);
}

float *
cnn_backward_target (CnnBackward *self, guint slot)
{
  return self->written[slot] ? self->scratch : self->diffs[slot];
}

void
cnn_backward_commit (CnnBackward *self, guint slot, float *target)
{
  if (target == self->scratch)
    cnn_add_floats (self->diffs[slot], target, diff_size (self, cnn_plan_slot (self->plan, slot)));
  self->written[slot] = TRUE;
}

gboolean
cnn_backward_wants (CnnBackward *self, guint slot)
{
  return slot != CNN_NO_SLOT && self->needed[slot];
}

const float *
cnn_backward_row (CnnBackward *self, guint slot, guint i)
{
  const CnnSlot *s = cnn_plan_slot (self->plan, slot);

  return s->data + (i / self->repeat) * s->sample_size;
}

void
cnn_backward_gate (CnnBackward *self, CnnStep *step)
{
  const CnnSlot *out = cnn_plan_slot (self->plan, step->output);
  gint64 rows = (gint64)(diff_size (self, out) / MAX (out->sample_size, 1));
  gint64 chunk = 16384, chunks = ((gint64)out->sample_size + chunk - 1) / chunk;
  float *diff = self->diffs[step->output];

  if (step->activation == NULL)
    return;
  if (cnn_activation_is_rectifier (step->activation))
    self->gates.gated++;
  else if (step->activation->kind != CNN_ACT_LINEAR)
    self->gates.smooth++;
#pragma omp parallel for collapse(2) if (rows * chunks > 2)
  for (gint64 row = 0; row < rows; row++)
    for (gint64 i = 0; i < chunks; i++) {
      gsize at = (gsize)(i * chunk), n = (gsize)MIN (chunk, (gint64)out->sample_size - i * chunk);
      const float *y = cnn_backward_row (self, step->output, (guint)row) + at;
      float *d = diff + (gsize)row * out->sample_size + at;

      cnn_activation_backward (step->activation, NULL, y, d, self->modifier, d, n);
    }
}

/* Which slots what is wanted leads to; of these only the ones before the seed are ever written. */
static void
mark_needed (CnnBackward *self, const guint *wrt, guint n_wrt)
{
  CnnPlan *plan = self->plan;

  memset (self->needed, 0, plan->slots->len * sizeof (gboolean));
  memset (self->written, 0, plan->slots->len * sizeof (gboolean));
  for (guint i = 0; i < n_wrt; i++)
    self->needed[plan->slot_of[wrt[i]]] = TRUE;
  for (guint i = 0; i < plan->steps->len; i++) {
    CnnStep *step = g_ptr_array_index (plan->steps, i);

    for (guint k = 0; k <= step->n_inputs; k++) {
      guint slot = k < step->n_inputs ? step->inputs[k] : step->residual;

      if (slot != CNN_NO_SLOT && self->needed[slot])
        self->needed[step->output] = TRUE;
    }
  }
}

static void
read_out (CnnBackward *self, guint slot, const guint *wrt, guint n_wrt, float *const *outs)
{
  CnnPlan *plan = self->plan;
  const CnnSlot *s = cnn_plan_slot (plan, slot);

  for (guint i = 0; i < n_wrt; i++) {
    gsize rows = (gsize)(s->n / plan->batch) * self->batch;

    if (plan->slot_of[wrt[i]] != slot)
      continue;
    if (self->written[slot])
      cnn_block_convert (self->diffs[slot], s->block, outs[i], 1, (gint64)rows, s->c, s->h * s->w, FALSE);
    else
      memset (outs[i], 0, rows * (gsize)(s->c * s->h * s->w) * sizeof (float));
  }
}

static gboolean
leads_on (CnnBackward *self, const CnnStep *step)
{
  for (guint k = 0; k < step->n_inputs; k++)
    if (cnn_backward_wants (self, step->inputs[k]))
      return TRUE;
  return cnn_backward_wants (self, step->residual);
}

/* A step is compiled when the way back first leads over it: to a late layer it is short, and the weights of
 * the others are not packed for it. */
static gboolean
run_step (CnnBackward *self, guint i, GError **error)
{
  CnnStep *step = g_ptr_array_index (self->plan->steps, i);

  if (!leads_on (self, step))
    return TRUE;
  if (!self->is_compiled[i] && step->klass->compile_backward != NULL &&
      !step->klass->compile_backward (self, step, &self->states[i], error)) {
    if (self->states[i] != NULL)
      step->klass->free_backward (g_steal_pointer (&self->states[i]));
    return FALSE;
  }
  self->is_compiled[i] = TRUE;
  step->klass->backward (self, step, self->states[i]);
  return TRUE;
}

gboolean
cnn_backward_run (CnnBackward *self, guint value, const float *seed, CnnModifier modifier, const guint *wrt,
                  guint n_wrt, float *const *outs, GCancellable *cancellable, GError **error)
{
  CnnPlan *plan = self->plan;
  guint seed_slot = plan->slot_of[value];
  const CnnSlot *slot = cnn_plan_slot (plan, seed_slot);
  g_autofree gboolean *has_step = g_new0 (gboolean, plan->slots->len);

  self->modifier = modifier;
  self->gates = (CnnGateCount){ 0 };
  mark_needed (self, wrt, n_wrt);
  cnn_block_convert (seed, 1, self->diffs[seed_slot], slot->block, slot->n / plan->batch * self->batch,
                     slot->c, slot->h * slot->w, FALSE);
  self->written[seed_slot] = TRUE;
  for (guint i = plan->steps->len; i-- > 0;) {
    CnnStep *step = g_ptr_array_index (plan->steps, i);

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    has_step[step->output] = TRUE;
    read_out (self, step->output, wrt, n_wrt, outs);
    if (self->needed[step->output] && self->written[step->output] && step->klass->backward != NULL &&
        !run_step (self, i, error))
      return FALSE;
  }
  for (guint i = 0; i < plan->slots->len; i++)
    if (!has_step[i])
      read_out (self, i, wrt, n_wrt, outs);
  return TRUE;
}
