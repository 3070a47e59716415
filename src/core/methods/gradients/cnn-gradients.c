/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-gradients.h"
#include "methods/cnn-methods-private.h"

#include <string.h>

/* Batches that are kept: a method asks for two values at most. */
#define KEPT 4

/* Classes [first, first + n) of the list. */
typedef struct {
  guint wrt;
  CnnModifier modifier;
  guint first, n;
  gsize size; /* floats of one */
  float *values;
  CnnGateCount gates;
} Batch;

struct _CnnGradients {
  int *classes;
  guint n_classes;
  Batch batches[KEPT];
  guint next; /* the oldest */
};

CnnGradients *
cnn_gradients_new (const int *classes, guint n_classes)
{
  CnnGradients *self = g_new0 (CnnGradients, 1);

  self->classes = g_memdup2 (classes, n_classes * sizeof *classes);
  self->n_classes = n_classes;
  return self;
}

void
cnn_gradients_free (CnnGradients *self)
{
  for (guint i = 0; i < KEPT; i++)
    g_free (self->batches[i].values);
  g_free (self->classes);
  g_free (self);
}

static int
find_class (const CnnGradients *self, int class_index)
{
  for (guint i = 0; i < self->n_classes; i++)
    if (self->classes[i] == class_index)
      return (int)i;
  return -1;
}

static const Batch *
find_batch (const CnnGradients *self, guint wrt, CnnModifier modifier, guint position)
{
  for (guint i = 0; i < KEPT; i++) {
    const Batch *batch = &self->batches[i];

    if (batch->values != NULL && batch->wrt == wrt && batch->modifier == modifier &&
        position >= batch->first && position < batch->first + batch->n)
      return batch;
  }
  return NULL;
}

/* Computes the batch that begins at @first, in place of the oldest. */
static const Batch *
compute_batch (CnnGradients *self, CnnSession *session, guint wrt, CnnModifier modifier, guint first,
               GCancellable *cancellable, GError **error)
{
  Batch *batch = &self->batches[self->next];
  guint n = MIN (cnn_session_batch (session), self->n_classes - first);
  g_autofree CnnSeed *seeds = g_new (CnnSeed, n);

  self->next = (self->next + 1) % KEPT;
  g_clear_pointer (&batch->values, g_free);
  *batch = (Batch){ .wrt = wrt, .modifier = modifier, .first = first, .n = n };
  batch->size = cnn_engine_value_size (session->engine, wrt);
  batch->values = g_new (float, batch->size *n);
  for (guint i = 0; i < n; i++) {
    const CnnMethodRequest request = { .class_index = self->classes[first + i] };

    seeds[i] = cnn_method_seed (session, &request);
  }
  if (cnn_engine_gradient (session->engine, seeds, n, modifier, &wrt, 1, &batch->values, &batch->gates,
                           cancellable, error))
    return batch;
  g_clear_pointer (&batch->values, g_free);
  return NULL;
}

gboolean
cnn_session_gradient (CnnSession *session, const CnnMethodRequest *request, CnnModifier modifier, guint wrt,
                      float *out, CnnGateCount *gates, GCancellable *cancellable, GError **error)
{
  CnnGradients *gradients = session->gradients;
  CnnSeed seed = cnn_method_seed (session, request);
  int position = gradients != NULL && !request->against ? find_class (gradients, request->class_index) : -1;
  const Batch *batch;

  if (position < 0)
    return cnn_engine_gradient (session->engine, &seed, 1, modifier, &wrt, 1, &out, gates, cancellable,
                                error);
  batch = find_batch (gradients, wrt, modifier, (guint)position);
  if (batch == NULL)
    batch = compute_batch (gradients, session, wrt, modifier, (guint)position, cancellable, error);
  if (batch == NULL)
    return FALSE;
  memcpy (out, batch->values + ((guint)position - batch->first) * batch->size, batch->size * sizeof (float));
  *gates = batch->gates;
  return TRUE;
}
