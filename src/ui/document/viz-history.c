/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-history.h"

#include "application/viz-saved.h"

#define MAX_STEPS 200
/* Changes of the same thing that follow each other within this time are one step */
#define SAME_STEP (600 * G_TIME_SPAN_MILLISECOND)

/* another setup of the network counts when it is there, as VIZ_CHANGED_MODEL: it may be refused */
#define CHOICES                                                                                              \
  (VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE | VIZ_CHANGED_PREPROCESS | VIZ_CHANGED_LAYER |                      \
   VIZ_CHANGED_GALLERY_KIND | VIZ_CHANGED_METHOD | VIZ_CHANGED_DISPLAY | VIZ_CHANGED_OCCLUDER |              \
   VIZ_CHANGED_VIEW_CHOICE | VIZ_CHANGED_TENSOR)

typedef struct {
  CnnSavedSession *saved;
  char *rest;       /* as text, without what sliders and drags change bit by bit */
  CnnImage *pasted; /* a picture without a file */
} Step;

struct _VizHistory {
  GObject parent;
  VizDocument *document;
  GPtrArray *done, *undone; /* of Step */
  Step *current;
  char *what; /* what the last step changed, if more of it may join */
  gint64 when;
  gboolean held; /* a button of the pointer, as during a drag */
  gboolean applying;
};

enum { SIGNAL_CHANGED, SIGNAL_OPEN_IMAGE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VizHistory, viz_history, G_TYPE_OBJECT)

static void
step_free (gpointer data)
{
  Step *step = data;

  cnn_saved_session_free (step->saved);
  g_free (step->rest);
  g_clear_pointer (&step->pasted, cnn_image_unref);
  g_free (step);
}

/* Everything but the opacity, the occluder's place and the parameters, as text. */
static char *
rest_of (const CnnSavedSession *saved)
{
  CnnSavedSession copy = *saved;
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  copy.opacity = 0;
  memset (copy.occluder_rect, 0, sizeof copy.occluder_rect);
  copy.params = none;
  return cnn_saved_session_to_json (&copy);
}

static Step *
step_take (VizDocument *document)
{
  CnnImage *image = viz_document_get_image (document);
  Step *step = g_new0 (Step, 1);

  step->saved = viz_saved_take (document, VIZ_SAVED_STEP);
  step->rest = rest_of (step->saved);
  if (image != NULL && step->saved->image == NULL)
    step->pasted = cnn_image_ref (image);
  return step;
}

static gboolean
params_equal (const GPtrArray *a, const GPtrArray *b)
{
  gboolean equal = a->len == b->len;

  for (guint i = 0; equal && i < a->len; i++) {
    const CnnSavedParam *x = a->pdata[i], *y = b->pdata[i];

    equal = g_str_equal (x->method, y->method) && g_str_equal (x->param, y->param) &&
            g_str_equal (x->value, y->value);
  }
  return equal;
}

/* How many things differ, or any number above 1; @what (out): the last of those that change bit by bit. */
static guint
count_differences (const Step *a, const Step *b, const char **what)
{
  const CnnSavedSession *x = a->saved, *y = b->saved;
  const struct {
    const char *name;
    gboolean equal;
  } gradual[] = {
    { "opacity", x->opacity >= y->opacity && x->opacity <= y->opacity },
    { "occluder", memcmp (x->occluder_rect, y->occluder_rect, sizeof x->occluder_rect) == 0 },
    { "parameter", params_equal (x->params, y->params) },
  };
  guint n = a->pasted == b->pasted && g_str_equal (a->rest, b->rest) ? 0 : 2;

  *what = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (gradual); i++)
    if (!gradual[i].equal) {
      n++;
      *what = gradual[i].name;
    }
  return n;
}

static void
begin_anew (VizHistory *self, Step *step)
{
  g_ptr_array_set_size (self->done, 0);
  g_ptr_array_set_size (self->undone, 0);
  step_free (self->current);
  self->current = step;
  g_clear_pointer (&self->what, g_free);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_changed (VizDocument *document, guint flags, VizHistory *self)
{
  const char *what;
  gboolean joins;
  gint64 now;
  guint n;
  Step *step;

  if (self->applying || (flags & CHOICES) == 0)
    return;
  step = step_take (document);
  n = count_differences (self->current, step, &what);
  if (n == 0) {
    step_free (step);
    return;
  }
  /* the first picture is no step either */
  if (g_strcmp0 (step->saved->model, self->current->saved->model) != 0 ||
      (self->current->saved->image == NULL && self->current->pasted == NULL)) {
    begin_anew (self, step);
    return;
  }
  if (n > 1)
    what = NULL;
  now = g_get_monotonic_time ();
  /* another size of the network, which suits another picture, has moved the occluder: that is no step */
  if (flags & VIZ_CHANGED_MODEL && g_strcmp0 (what, "occluder") == 0) {
    step_free (self->current);
    self->current = step;
    return;
  }
  joins = what != NULL && self->done->len > 0 && g_strcmp0 (what, self->what) == 0 &&
          (now - self->when < SAME_STEP || self->held);
  if (joins) {
    step_free (self->current);
  } else {
    g_ptr_array_add (self->done, self->current);
    if (self->done->len > MAX_STEPS)
      g_ptr_array_remove_index (self->done, 0);
  }
  g_ptr_array_set_size (self->undone, 0);
  self->current = step;
  g_free (self->what);
  self->what = g_strdup (what);
  self->when = now;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Goes one step from one pile to the other. */
static void
go (VizHistory *self, GPtrArray *from, GPtrArray *to)
{
  Step *step;
  const char *path;

  if (from->len == 0)
    return;
  step = g_ptr_array_steal_index (from, from->len - 1);
  g_ptr_array_add (to, self->current);
  self->current = step;
  g_clear_pointer (&self->what, g_free);
  self->applying = TRUE;
  viz_saved_apply (self->document, step->saved);
  if (step->pasted != NULL)
    viz_document_set_image (self->document, step->pasted, NULL);
  self->applying = FALSE;
  path = step->saved->image;
  if (path != NULL && g_strcmp0 (path, viz_document_get_image_path (self->document)) != 0)
    g_signal_emit (self, signals[SIGNAL_OPEN_IMAGE], 0, path);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
viz_history_undo (VizHistory *self)
{
  go (self, self->done, self->undone);
}

void
viz_history_redo (VizHistory *self)
{
  go (self, self->undone, self->done);
}

void
viz_history_hold (VizHistory *self, gboolean held)
{
  self->held = held;
  g_clear_pointer (&self->what, g_free);
}

gboolean
viz_history_can_undo (VizHistory *self)
{
  return self->done->len > 0;
}

gboolean
viz_history_can_redo (VizHistory *self)
{
  return self->undone->len > 0;
}

static void
viz_history_finalize (GObject *object)
{
  VizHistory *self = VIZ_HISTORY (object);

  g_signal_handlers_disconnect_by_data (self->document, self);
  g_ptr_array_unref (self->done);
  g_ptr_array_unref (self->undone);
  step_free (self->current);
  g_free (self->what);
  g_object_unref (self->document);
  G_OBJECT_CLASS (viz_history_parent_class)->finalize (object);
}

static void
viz_history_class_init (VizHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = viz_history_finalize;
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", VIZ_TYPE_HISTORY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_OPEN_IMAGE] = g_signal_new ("open-image", VIZ_TYPE_HISTORY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                             NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
viz_history_init (VizHistory *self)
{
  self->done = g_ptr_array_new_with_free_func (step_free);
  self->undone = g_ptr_array_new_with_free_func (step_free);
}

VizHistory *
viz_history_new (VizDocument *document)
{
  VizHistory *self = g_object_new (VIZ_TYPE_HISTORY, NULL);

  self->document = g_object_ref (document);
  self->current = step_take (document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  return self;
}
