/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-prediction-row"
#include "config.h"

#include "viz-prediction-row.h"
#include "widgets/viz-draw-text.h"
#include "widgets/viz-text.h"

#include <glib/gi18n.h>
#include <math.h>

#define PADDING 6
#define BAR_HEIGHT 7
#define MARK_WIDTH 2

struct _VizPredictionRow {
  GtkWidget parent_instance;
  char *label;
  VizPredictionValues values;
  PangoLayout *text, *number;
};

G_DEFINE_FINAL_TYPE (VizPredictionRow, viz_prediction_row, GTK_TYPE_WIDGET)

enum { CLICKED, N_SIGNALS };
static guint signals[N_SIGNALS];

static PangoLayout *
get_layout (VizPredictionRow *self, PangoLayout **layout)
{
  if (*layout == NULL)
    *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "8");
  return *layout;
}

static void
viz_prediction_row_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                            int *natural, int *minimum_baseline, int *natural_baseline)
{
  VizPredictionRow *self = VIZ_PREDICTION_ROW (widget);
  int height;
  pango_layout_get_pixel_size (get_layout (self, &self->number), NULL, &height);
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = 140;
    *natural = 240;
  } else {
    *minimum = *natural = height + BAR_HEIGHT + 2 * PADDING;
  }
}

static void
set_bold (PangoLayout *layout, gboolean bold)
{
  PangoAttrList *attributes = pango_attr_list_new ();
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
}

/* The score, and how far the occluder moves it. */
static char *
score_text (VizPredictionRow *self)
{
  g_autofree char *score = viz_text_short (self->values.score), *change = NULL;
  double moved = self->values.score - self->values.clean_score;
  if (!self->values.occluded)
    return g_steal_pointer (&score);
  change = viz_text_short (moved);
  return g_strdup_printf ("%s  (%s%s)", score, moved > 0 ? "+" : "", change);
}

static char *
number_text (VizPredictionRow *self)
{
  g_autofree char *percent = viz_text_percent (self->values.probability), *change = NULL;
  if (self->values.scored)
    return score_text (self);
  if (!self->values.occluded)
    return g_steal_pointer (&percent);
  change = viz_text_change (self->values.probability - self->values.clean);
  return g_strdup_printf ("%s  (%s)", percent, change);
}

static GdkRGBA
theme_color (VizPredictionRow *self, const char *name, const GdkRGBA *otherwise)
{
  GdkRGBA colour;
  if (gtk_style_context_lookup_color (gtk_widget_get_style_context (GTK_WIDGET (self)), name, &colour))
    return colour;
  return *otherwise;
}

static void
draw_bar (VizPredictionRow *self, GtkSnapshot *snapshot, const GdkRGBA *fg, float x, float y, float width)
{
  const VizPredictionValues *v = &self->values;
  GdkRGBA track = *fg, bar = theme_color (self, "accent_bg_color", fg), mark = *fg;
  float length = roundf (width * (float)CLAMP (v->probability, 0, 1));
  GskRoundedRect outline;
  track.alpha *= 0.12f;
  bar.alpha *= v->explained ? 1 : 0.6f;
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (x, y, width, BAR_HEIGHT), 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &track, &outline.bounds);
  if (v->probability > 0)
    gtk_snapshot_append_color (snapshot, &bar, &GRAPHENE_RECT_INIT (x, y, MAX (length, 1), BAR_HEIGHT));
  gtk_snapshot_pop (snapshot);
  if (v->occluded) {
    float at = x + roundf ((width - MARK_WIDTH) * (float)CLAMP (v->clean, 0, 1));
    gtk_snapshot_append_color (snapshot, &mark, &GRAPHENE_RECT_INIT (at, y - 2, MARK_WIDTH, BAR_HEIGHT + 4));
  }
}

/** The explained class: a stripe at the row's beginning. */
static void
draw_stripe (VizPredictionRow *self, GtkSnapshot *snapshot, const GdkRGBA *fg, gboolean rtl)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  GdkRGBA accent = theme_color (self, "accent_color", fg);
  gtk_snapshot_append_color (snapshot, &accent,
                             &GRAPHENE_RECT_INIT (rtl ? (float)width - 3 : 0, 4, 3, (float)height - 8));
}

static void
viz_prediction_row_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  VizPredictionRow *self = VIZ_PREDICTION_ROW (widget);
  PangoLayout *text = get_layout (self, &self->text), *number = get_layout (self, &self->number);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int width = gtk_widget_get_width (widget), wide, high, label_wide;
  float left = PADDING + 2, inner = (float)width - 2 * left;
  g_autofree char *value = number_text (self);
  GdkRGBA fg;
  if (self->values.class_index < 0 || inner < 20)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &fg);
  pango_layout_set_text (number, value, -1);
  set_bold (number, self->values.explained);
  pango_layout_get_pixel_size (number, &wide, &high);
  pango_layout_set_text (text, self->label, -1);
  set_bold (text, self->values.explained);
  pango_layout_set_ellipsize (text, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (text, (int)MAX (inner - (float)wide - PADDING, 10) * PANGO_SCALE);
  pango_layout_get_pixel_size (text, &label_wide, NULL);
  viz_draw_text (snapshot, text, &fg, rtl ? left + inner - (float)label_wide : left, PADDING - 2);
  viz_draw_text (snapshot, number, &fg, rtl ? left : left + inner - (float)wide, PADDING - 2);
  if (!self->values.scored)
    draw_bar (self, snapshot, &fg, left, (float)(PADDING + high), inner);
  if (self->values.explained)
    draw_stripe (self, snapshot, &fg, rtl);
}

void
viz_prediction_row_set (VizPredictionRow *self, const char *label, const VizPredictionValues *values)
{
  g_return_if_fail (VIZ_IS_PREDICTION_ROW (self));
  if (g_strcmp0 (label, self->label) != 0) {
    g_free (self->label);
    self->label = g_strdup (label != NULL ? label : "");
  }
  self->values = *values;
  gtk_widget_set_visible (GTK_WIDGET (self), values->class_index >= 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

int
viz_prediction_row_get_class (VizPredictionRow *self)
{
  g_return_val_if_fail (VIZ_IS_PREDICTION_ROW (self), -1);
  return self->values.class_index;
}

/* The same of a network that has no probabilities. */
static char *
describe_score (VizPredictionRow *self)
{
  const VizPredictionValues *v = &self->values;
  g_autofree char *score = viz_text_short (v->score), *clean = viz_text_short (v->clean_score);
  if (!v->occluded)
    /* Translators: label of an output, its value */
    return g_strdup_printf (_ ("%s: score %s"), self->label, score);
  /* Translators: label of an output, its value under the occluder, its value without it */
  return g_strdup_printf (_ ("%s: score %s under the occluder; without it %s"), self->label, score, clean);
}

static char *
describe (VizPredictionRow *self)
{
  const VizPredictionValues *v = &self->values;
  g_autofree char *percent = viz_text_percent (v->probability), *score = viz_text_short (v->score),
                  *clean = NULL;
  if (v->scored)
    return describe_score (self);
  if (!v->occluded)
    /* Translators: label of a class, probability in percent, score */
    return g_strdup_printf (_ ("%s: probability %s, score %s"), self->label, percent, score);
  clean = viz_text_percent (v->clean);
  /* Translators: label of a class, probability under the occluder, score, probability without it */
  return g_strdup_printf (_ ("%s: probability %s under the occluder, score %s; without it %s"), self->label,
                          percent, score, clean);
}

void
viz_prediction_row_update_words (VizPredictionRow *self)
{
  g_autofree char *text = NULL;
  g_return_if_fail (VIZ_IS_PREDICTION_ROW (self));
  if (self->values.class_index < 0)
    return;
  text = describe (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_PRESSED,
      self->values.explained ? GTK_ACCESSIBLE_TRISTATE_TRUE : GTK_ACCESSIBLE_TRISTATE_FALSE, -1);
}

static gboolean
query_tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
  g_autofree char *text = describe (VIZ_PREDICTION_ROW (widget));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static gboolean
activate_key_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
  g_signal_emit (widget, signals[CLICKED], 0);
  return TRUE;
}

static void
released_cb (GtkGestureClick *click, int n_press, double x, double y, VizPredictionRow *self)
{
  if (gtk_widget_contains (GTK_WIDGET (self), x, y))
    g_signal_emit (self, signals[CLICKED], 0);
}

static void
forget_layouts (VizPredictionRow *self)
{
  g_clear_object (&self->text);
  g_clear_object (&self->number);
}

static void
viz_prediction_row_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (viz_prediction_row_parent_class)->css_changed (widget, change);
  forget_layouts (VIZ_PREDICTION_ROW (widget)); /* perhaps another font */
}

static void
viz_prediction_row_finalize (GObject *object)
{
  VizPredictionRow *self = VIZ_PREDICTION_ROW (object);
  forget_layouts (self);
  g_free (self->label);
  G_OBJECT_CLASS (viz_prediction_row_parent_class)->finalize (object);
}

static void
viz_prediction_row_class_init (VizPredictionRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const guint keys[] = { GDK_KEY_Return, GDK_KEY_KP_Enter, GDK_KEY_space };
  G_OBJECT_CLASS (class)->finalize = viz_prediction_row_finalize;
  widget_class->measure = viz_prediction_row_measure;
  widget_class->snapshot = viz_prediction_row_snapshot;
  widget_class->css_changed = viz_prediction_row_css_changed;
  signals[CLICKED] = g_signal_new ("clicked", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i], 0, activate_key_cb, NULL);
  gtk_widget_class_set_css_name (widget_class, "row");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_BUTTON);
}

static void
viz_prediction_row_init (VizPredictionRow *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  self->values.class_index = -1;
  self->label = g_strdup ("");
  gtk_widget_add_css_class (GTK_WIDGET (self), "activatable");
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "pointer");
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
viz_prediction_row_new (void)
{
  return g_object_new (VIZ_TYPE_PREDICTION_ROW, NULL);
}
