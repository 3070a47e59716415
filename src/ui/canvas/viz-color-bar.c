/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "viz-color-bar"
#include "config.h"

#include "viz-color-bar.h"
#include "widgets/viz-draw-text.h"
#include "widgets/viz-text.h"

#include <glib/gi18n.h>
#include <math.h>

#define BAR_WIDTH 14
#define TICK 5
#define GAP 4
#define N_STOPS 64
/* as many classes as are told apart at a glance */
#define MAX_CLASSES 12

struct _VizColorBar {
  GtkWidget parent_instance;
  const CnnColormap *colormap; /* NULL: nothing, or classes */
  double low, high;
  GArray *classes; /* guint, most frequent first, or NULL */
  char *title;
  char **labels;
  guint n_labels;
};

G_DEFINE_FINAL_TYPE (VizColorBar, viz_color_bar, GTK_TYPE_WIDGET)

GArray *
viz_color_bar_ticks (double low, double high, guint most, double *step)
{
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (double));
  *step = 0;
  if (!isfinite (low) || !isfinite (high) || !(high > low) || !isfinite (high - low))
    return ticks;
  double raw = (high - low) / MAX (most, 2), power = pow (10, floor (log10 (raw)));
  double ratio = raw / power;
  *step = power * (ratio <= 1.0001 ? 1 : ratio <= 2.0001 ? 2 : ratio <= 5.0001 ? 5 : 10);
  double first = ceil (low / *step - 1e-6), last = floor (high / *step + 1e-6);
  for (double i = first; i <= last && ticks->len <= most + 1; i++) {
    double value = i == 0 ? 0 : i * *step; /* never -0 */
    g_array_append_val (ticks, value);
  }
  return ticks;
}

/** Decimals that tell ticks at @step apart. */
static int
digits_of (double step)
{
  return step > 0 ? CLAMP ((int)-floor (log10 (step) + 1e-9), 0, 9) : 2;
}

/** A power of ten to take out of very small or large numbers, or 0. */
static int
common_exponent (VizColorBar *self)
{
  double most = MAX (fabs (self->low), fabs (self->high));
  int exponent = most > 0 && isfinite (most) ? (int)floor (log10 (most)) : 0;
  return exponent < -3 || exponent > 4 ? exponent : 0;
}

static char *
superscript (int number)
{
  static const char *const digits[] = { "\342\201\260", "\302\271",     "\302\262",     "\302\263",
                                        "\342\201\264", "\342\201\265", "\342\201\266", "\342\201\267",
                                        "\342\201\270", "\342\201\271" };
  g_autofree char *plain = g_strdup_printf ("%d", number);
  GString *text = g_string_new (NULL);
  for (const char *p = plain; *p != '\0'; p++)
    g_string_append (text, *p == '-' ? "\342\201\273" : digits[*p - '0']);
  return g_string_free (text, FALSE);
}

/** What stands above the bar: the title and the power of ten. */
static PangoLayout *
title_layout (VizColorBar *self)
{
  int exponent = self->colormap != NULL ? common_exponent (self) : 0;
  GString *text = g_string_new (self->title);
  PangoLayout *layout;
  if (exponent != 0) {
    g_autofree char *power = superscript (exponent);
    g_string_append_printf (text, "%s\303\22710%s", text->len > 0 ? "\n" : "", power);
  }
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text->str);
  g_string_free (text, TRUE);
  return layout;
}

static char *
class_name (VizColorBar *self, guint index)
{
  if (index < self->n_labels)
    return g_strdup (self->labels[index]);
  return g_strdup_printf ("%u", index);
}

static gboolean
is_empty (VizColorBar *self)
{
  return self->colormap == NULL && self->classes == NULL;
}

static void
measure_text (VizColorBar *self, int *width, int *height)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "\342\210\2220.000");
  pango_layout_get_pixel_size (layout, width, height);
  for (guint i = 0; self->classes != NULL && i < self->classes->len; i++) {
    g_autofree char *name = class_name (self, g_array_index (self->classes, guint, i));
    int wide;
    pango_layout_set_text (layout, name, -1);
    pango_layout_get_pixel_size (layout, &wide, NULL);
    *width = MAX (*width, MIN (wide, 140));
  }
}

static void
viz_color_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  VizColorBar *self = VIZ_COLOR_BAR (widget);
  g_autoptr (PangoLayout) title = NULL;
  int width, height, title_width, title_height;
  *minimum = *natural = 0;
  if (is_empty (self))
    return;
  measure_text (self, &width, &height);
  title = title_layout (self);
  pango_layout_get_pixel_size (title, &title_width, &title_height);
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = *natural = MAX (BAR_WIDTH + TICK + GAP + width, MIN (title_width, 140));
  } else {
    *minimum = title_height + 4 * height;
    *natural = title_height + 12 * height;
  }
}

static void
draw_gradient (VizColorBar *self, GtkSnapshot *snapshot, const graphene_rect_t *bar)
{
  GskColorStop stops[N_STOPS];
  for (guint i = 0; i < N_STOPS; i++) {
    guint8 rgba[4];
    cnn_colormap_lookup (self->colormap, (float)i / (N_STOPS - 1), rgba);
    stops[i].offset = (float)i / (N_STOPS - 1);
    stops[i].color = (GdkRGBA){ rgba[0] / 255.0f, rgba[1] / 255.0f, rgba[2] / 255.0f, 1 };
  }
  gtk_snapshot_append_linear_gradient (snapshot, bar,
                                       &GRAPHENE_POINT_INIT (bar->origin.x, bar->origin.y + bar->size.height),
                                       &bar->origin, stops, N_STOPS);
}

static void
draw_outline (GtkSnapshot *snapshot, const graphene_rect_t *box, const GdkRGBA *text_colour)
{
  GdkRGBA c = { text_colour->red, text_colour->green, text_colour->blue, 0.4f };
  GskRoundedRect outline;
  gsk_rounded_rect_init_from_rect (&outline, box, 0);
  gtk_snapshot_append_border (snapshot, &outline, (const float[4]){ 1, 1, 1, 1 },
                              (const GdkRGBA[4]){ c, c, c, c });
}

/** Zero: a line across the whole bar, dark and light so that it is seen on any colour. */
static void
draw_zero (GtkSnapshot *snapshot, const graphene_rect_t *bar, float y)
{
  const GdkRGBA black = { 0, 0, 0, 0.9f }, white = { 1, 1, 1, 0.9f };
  gtk_snapshot_append_color (snapshot, &white,
                             &GRAPHENE_RECT_INIT (bar->origin.x, y - 1, bar->size.width, 3));
  gtk_snapshot_append_color (snapshot, &black, &GRAPHENE_RECT_INIT (bar->origin.x, y, bar->size.width, 1));
}

static void
draw_tick (VizColorBar *self, GtkSnapshot *snapshot, const graphene_rect_t *bar, const GdkRGBA *colour,
           double value, double t, int digits)
{
  int exponent = common_exponent (self), height;
  g_autofree char *text = viz_text_number (value / pow (10, exponent), digits);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  gboolean zero = value == 0 && self->low < 0 && self->high > 0;
  float right = bar->origin.x + bar->size.width;
  float y = floorf (bar->origin.y + (bar->size.height - 1) * (float)(1 - t));
  if (zero) {
    PangoAttrList *bold = pango_attr_list_new ();
    pango_attr_list_insert (bold, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
    pango_layout_set_attributes (layout, bold);
    pango_attr_list_unref (bold);
    draw_zero (snapshot, bar, y);
  }
  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_snapshot_append_color (snapshot, colour, &GRAPHENE_RECT_INIT (right, y, TICK, 1));
  viz_draw_text (snapshot, layout, colour, right + TICK + GAP, y - (float)height / 2);
}

static void
draw_bar (VizColorBar *self, GtkSnapshot *snapshot, const GdkRGBA *colour, float top, int line)
{
  float room = (float)gtk_widget_get_height (GTK_WIDGET (self)) - top - (float)line;
  graphene_rect_t bar = GRAPHENE_RECT_INIT (0, top + (float)line / 2, BAR_WIDTH, MAX (room, 1));
  g_autoptr (GArray) ticks = NULL;
  double scale = pow (10, common_exponent (self)), step;
  guint most = (guint)CLAMP (room / (2.2f * (float)line), 2, 9);
  draw_gradient (self, snapshot, &bar);
  draw_outline (snapshot, &bar, colour);
  ticks = viz_color_bar_ticks (self->low, self->high, most, &step);
  for (guint i = 0; i < ticks->len; i++) {
    double value = g_array_index (ticks, double, i);
    draw_tick (self, snapshot, &bar, colour, value, (value - self->low) / (self->high - self->low),
               digits_of (step / scale));
  }
  if (ticks->len == 0 && isfinite (self->low)) /* one value everywhere */
    draw_tick (self, snapshot, &bar, colour, self->low, 0.5, 3);
}

static void
draw_classes (VizColorBar *self, GtkSnapshot *snapshot, const GdkRGBA *colour, float top, int line)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  float y = top;
  for (guint i = 0; i < self->classes->len && y + (float)line <= (float)height; i++, y += (float)line + 2) {
    guint index = g_array_index (self->classes, guint, i);
    g_autofree char *name = class_name (self, index);
    g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), name);
    graphene_rect_t box = GRAPHENE_RECT_INIT (0, y + (float)(line - BAR_WIDTH) / 2, BAR_WIDTH, BAR_WIDTH);
    guint8 rgba[4];
    cnn_colormap_class (index, rgba);
    GdkRGBA fill = { rgba[0] / 255.0f, rgba[1] / 255.0f, rgba[2] / 255.0f, 1 };
    gtk_snapshot_append_color (snapshot, &fill, &box);
    draw_outline (snapshot, &box, colour);
    pango_layout_set_width (layout, MAX (width - BAR_WIDTH - GAP, 1) * PANGO_SCALE);
    pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
    viz_draw_text (snapshot, layout, colour, BAR_WIDTH + GAP, y);
  }
}

static void
viz_color_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  VizColorBar *self = VIZ_COLOR_BAR (widget);
  g_autoptr (PangoLayout) title = NULL;
  GdkRGBA colour;
  int text_width, line, title_height = 0;
  if (is_empty (self))
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  measure_text (self, &text_width, &line);
  title = title_layout (self);
  if (pango_layout_get_character_count (title) > 0) {
    pango_layout_set_width (title, gtk_widget_get_width (widget) * PANGO_SCALE);
    pango_layout_set_ellipsize (title, PANGO_ELLIPSIZE_END);
    pango_layout_get_pixel_size (title, NULL, &title_height);
    viz_draw_text (snapshot, title, &colour, 0, 0);
  }
  if (self->classes != NULL)
    draw_classes (self, snapshot, &colour, (float)title_height + 2, line);
  else
    draw_bar (self, snapshot, &colour, (float)title_height, line);
}

static void
update (VizColorBar *self)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (self);
  g_autofree char *text = NULL;
  if (self->classes != NULL) {
    GString *names = g_string_new (NULL);
    for (guint i = 0; i < self->classes->len; i++) {
      g_autofree char *name = class_name (self, g_array_index (self->classes, guint, i));
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", name);
    }
    text = g_string_free (names, FALSE);
  } else if (self->colormap != NULL) {
    g_autofree char *low = viz_text_short (self->low), *high = viz_text_short (self->high);
    /* Translators: the ends of a colour scale */
    text = g_strdup_printf (_ ("from %s to %s"), low, high);
  }
  gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->title != NULL ? self->title : _ ("Colour scale"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text != NULL ? text : "", -1);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
viz_color_bar_set_range (VizColorBar *self, const CnnColormap *colormap, double low, double high)
{
  g_return_if_fail (VIZ_IS_COLOR_BAR (self));
  if (self->classes == NULL && self->colormap == colormap && self->low == low && self->high == high)
    return;
  g_clear_pointer (&self->classes, g_array_unref);
  self->colormap = colormap;
  self->low = low;
  self->high = high;
  update (self);
}

typedef struct {
  guint index, count;
} ClassCount;

static int
by_count (gconstpointer a, gconstpointer b)
{
  const ClassCount *one = a, *two = b;
  return one->count != two->count ? (one->count < two->count ? 1 : -1) : (one->index > two->index ? 1 : -1);
}

static void
set_classes (VizColorBar *self, CnnMap *map)
{
  gsize n = map->raw != NULL ? (gsize)map->raw_width * map->raw_height : (gsize)map->width * map->height;
  const float *values = map->raw != NULL ? map->raw : map->values;
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) sorted = g_array_new (FALSE, FALSE, sizeof (ClassCount));
  GHashTableIter iter;
  gpointer key, value;
  for (gsize i = 0; i < n; i++)
    if (isfinite (values[i]) && values[i] >= 0 && values[i] < 1e9f) {
      key = GUINT_TO_POINTER ((guint)values[i]);
      g_hash_table_insert (counts, key,
                           GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, key)) + 1));
    }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    ClassCount count = { GPOINTER_TO_UINT (key), GPOINTER_TO_UINT (value) };
    g_array_append_val (sorted, count);
  }
  g_array_sort (sorted, by_count);
  g_clear_pointer (&self->classes, g_array_unref);
  self->classes = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < MIN (sorted->len, MAX_CLASSES); i++)
    g_array_append_val (self->classes, g_array_index (sorted, ClassCount, i).index);
  self->colormap = NULL;
}

void
viz_color_bar_set_map (VizColorBar *self, CnnMap *map, const CnnMapStyle *style)
{
  const CnnColormap *colormap = NULL;
  const CnnMapStyle standard = { .opacity = 1 };
  float low = 0, high = 0;
  g_return_if_fail (VIZ_IS_COLOR_BAR (self));
  if (map != NULL && map->kind == CNN_MAP_CLASS) {
    set_classes (self, map);
    update (self);
    return;
  }
  if (map != NULL)
    cnn_map_style_resolve (style != NULL ? style : &standard, map, &colormap, &low, &high);
  viz_color_bar_set_range (self, colormap, (double)low, (double)high);
}

void
viz_color_bar_set_title (VizColorBar *self, const char *title)
{
  g_return_if_fail (VIZ_IS_COLOR_BAR (self));
  if (g_strcmp0 (title, self->title) == 0)
    return;
  g_free (self->title);
  self->title = g_strdup (title);
  update (self);
}

void
viz_color_bar_set_labels (VizColorBar *self, const char *const *labels)
{
  g_return_if_fail (VIZ_IS_COLOR_BAR (self));
  g_strfreev (self->labels);
  self->labels = g_strdupv ((char **)labels);
  self->n_labels = labels != NULL ? g_strv_length (self->labels) : 0;
  update (self);
}

static void
viz_color_bar_finalize (GObject *object)
{
  VizColorBar *self = VIZ_COLOR_BAR (object);
  g_clear_pointer (&self->classes, g_array_unref);
  g_free (self->title);
  g_strfreev (self->labels);
  G_OBJECT_CLASS (viz_color_bar_parent_class)->finalize (object);
}

static void
viz_color_bar_class_init (VizColorBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  G_OBJECT_CLASS (class)->finalize = viz_color_bar_finalize;
  widget_class->measure = viz_color_bar_measure;
  widget_class->snapshot = viz_color_bar_snapshot;
  gtk_widget_class_set_css_name (widget_class, "colorbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
viz_color_bar_init (VizColorBar *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "numeric");
  update (self);
}

GtkWidget *
viz_color_bar_new (void)
{
  return g_object_new (VIZ_TYPE_COLOR_BAR, NULL);
}
