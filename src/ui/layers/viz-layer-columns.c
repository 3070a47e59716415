/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-layer-columns.h"
#include "widgets/viz-tooltip.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

#define SETTING "layer-columns"
#define MAX_COLUMNS 8

struct _VizLayerColumns {
  GObject parent;
  GtkColumnView *view; /* not owned: the owner holds both */
  GMenu *menu;
  GSimpleActionGroup *actions;
  GSettings *settings; /* NULL where the schema is not installed */
  GtkColumnViewColumn *columns[MAX_COLUMNS];
};

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VizLayerColumns, viz_layer_columns, G_TYPE_OBJECT)

VizLayerItem *
viz_layer_item_of_row (gpointer row)
{
  if (GTK_IS_TREE_LIST_ROW (row))
    return gtk_tree_list_row_get_item (row);
  return g_object_ref (row);
}

char *
viz_layer_shape_text (CnnModel *model, guint layer)
{
  const CnnLayer *l = cnn_model_get_layer (model, layer);
  GString *text = g_string_new (NULL);
  CnnShape shape;

  if (l->output == CNN_NO_VALUE || !cnn_model_get_value (model, l->output)->known)
    return g_string_free (g_string_append (text, "?"), FALSE);
  cnn_model_get_framework_shape (model, l->output, &shape);
  for (guint i = 1; i < shape.rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 1 ? "×" : "", shape.dims[i]);
  return g_string_free (text, FALSE);
}

char *
viz_layer_count_text (guint64 count)
{
  static const char *const units[] = { "k", "M", "G", "T", "P" };
  double value = (double)count;
  guint unit = 0;

  if (count < 10000)
    return g_strdup_printf ("%" PRIu64, count);
  for (value /= 1000; value >= 999.5 && unit + 1 < G_N_ELEMENTS (units); unit++)
    value /= 1000;
  return g_strdup_printf (value < 9.995   ? "%.2f %s"
                          : value < 99.95 ? "%.1f %s"
                                          : "%.0f %s",
                          value, units[unit]);
}

/* what a column says of an item; NULL: nothing */

static char *
type_text (VizLayerItem *item)
{
  return item->layer >= 0 ? g_strdup (cnn_model_get_layer (item->model, (guint)item->layer)->type) : NULL;
}

static char *
shape_text (VizLayerItem *item)
{
  return item->layer >= 0 ? viz_layer_shape_text (item->model, (guint)item->layer) : NULL;
}

static char *
params_text (VizLayerItem *item)
{
  return item->params > 0 ? viz_layer_count_text (item->params) : NULL;
}

static char *
params_exactly (VizLayerItem *item)
{
  return item->params > 0 ? g_strdup_printf ("%'" PRIu64, item->params) : NULL;
}

static char *
multiply_adds_text (VizLayerItem *item)
{
  return item->multiply_adds > 0 ? viz_layer_count_text (item->multiply_adds) : NULL;
}

static char *
memory_text (VizLayerItem *item)
{
  return item->memory > 0 ? g_format_size (item->memory) : NULL;
}

static char *
ms_text (VizLayerItem *item)
{
  return isnan (item->ms) ? NULL : g_strdup_printf ("%.2f", item->ms);
}

static char *
dead_text (VizLayerItem *item)
{
  return isnan (item->dead) ? NULL : g_strdup_printf (_ ("%.0f %%"), 100 * item->dead);
}

static double
size_number (VizLayerItem *item)
{
  return (double)item->memory;
}

static double
params_number (VizLayerItem *item)
{
  return (double)item->params;
}

static double
multiply_adds_number (VizLayerItem *item)
{
  return (double)item->multiply_adds;
}

static double
ms_number (VizLayerItem *item)
{
  return item->ms;
}

static double
dead_number (VizLayerItem *item)
{
  return item->dead;
}

typedef struct {
  const char *id, *title, *help;
  gboolean measured;
  char *(*text) (VizLayerItem *item);
  double (*number) (VizLayerItem *item); /* what it is sorted by; NULL: the text */
  char *(*exactly) (VizLayerItem *item); /* where the text is rounded; may be NULL */
} Kind;

static const Kind kinds[] = {
  { "type", N_ ("Type"), N_ ("_Type"), FALSE, type_text, NULL },
  { "output", N_ ("Output"), N_ ("_Output Shape"), FALSE, shape_text, size_number },
  { "params", N_ ("Params"), N_ ("_Parameters"), FALSE, params_text, params_number, params_exactly },
  { "multiply-adds", N_ ("Mult-adds"), N_ ("_Multiply-Adds"), FALSE, multiply_adds_text,
    multiply_adds_number },
  { "memory", N_ ("Memory"), N_ ("Memory of the O_utput"), FALSE, memory_text, size_number },
  { "ms", N_ ("ms"), N_ ("Measured Mi_lliseconds"), TRUE, ms_text, ms_number },
  { "dead", N_ ("Dead"), N_ ("_Dead Channels for This Picture"), TRUE, dead_text, dead_number },
};
G_STATIC_ASSERT (G_N_ELEMENTS (kinds) <= MAX_COLUMNS);

/* Layers without a number come last in either order of the rest. */
static int
compare_items (gconstpointer a, gconstpointer b, gpointer data)
{
  const Kind *kind = data;
  VizLayerItem *x = (VizLayerItem *)a, *y = (VizLayerItem *)b;
  g_autofree char *s = NULL, *t = NULL;
  double u, v;

  if (kind->number == NULL) {
    s = kind->text (x);
    t = kind->text (y);
    return g_strcmp0 (s, t);
  }
  u = kind->number (x);
  v = kind->number (y);
  u = isnan (u) ? -1 : u;
  v = isnan (v) ? -1 : v;
  return u < v ? -1 : u > v ? 1 : 0;
}

static void
setup_cell (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  const Kind *kind = data;
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), kind->number != NULL && kind->number != size_number ? 1 : 0);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind_cell (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  const Kind *kind = data;
  g_autoptr (VizLayerItem) item = viz_layer_item_of_row (gtk_list_item_get_item (list_item));
  g_autofree char *text = kind->text (item);
  const char *empty = item->layer < 0 || kind->measured ? "" : "–";
  GtkWidget *label = gtk_list_item_get_child (list_item);
  g_autofree char *exactly = kind->exactly != NULL ? kind->exactly (item) : NULL;

  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : empty);
  viz_tooltip_describe (label, exactly);
}

static GtkListItemFactory *
factory_new (const Kind *kind)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cell), (gpointer)kind);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cell), (gpointer)kind);
  return factory;
}

static void
keep_choice (VizLayerColumns *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (gtk_column_view_column_get_visible (self->columns[i]))
      g_strv_builder_add (builder, kinds[i].id);
  names = g_strv_builder_end (builder);
  if (self->settings != NULL)
    g_settings_set_strv (self->settings, SETTING, (const char *const *)names);
}

static void
on_toggle (GSimpleAction *action, GVariant *value, gpointer data)
{
  VizLayerColumns *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].id, g_action_get_name (G_ACTION (action))))
      gtk_column_view_column_set_visible (self->columns[i], g_variant_get_boolean (value));
  g_simple_action_set_state (action, value);
  keep_choice (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
add_column (VizLayerColumns *self, guint i, gboolean visible)
{
  const Kind *kind = &kinds[i];
  g_autofree char *name = g_strconcat ("columns.", kind->id, NULL);
  GtkColumnViewColumn *column = gtk_column_view_column_new (_ (kind->title), factory_new (kind));
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare_items, (gpointer)kind, NULL));
  g_autoptr (GSimpleAction) action =
      g_simple_action_new_stateful (kind->id, NULL, g_variant_new_boolean (visible));

  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_column_set_sorter (column, sorter);
  gtk_column_view_column_set_visible (column, visible);
  gtk_column_view_column_set_header_menu (column, G_MENU_MODEL (self->menu));
  gtk_column_view_append_column (self->view, column);
  self->columns[i] = column;
  g_signal_connect (action, "change-state", G_CALLBACK (on_toggle), self);
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (action));
  g_menu_append (self->menu, _ (kind->help), name);
}

static char **
chosen_names (VizLayerColumns *self)
{
  static const char *const standard[] = { "output", "params", NULL };
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      source != NULL ? g_settings_schema_source_lookup (source, CNN_APP_ID, TRUE) : NULL;

  if (schema == NULL || !g_settings_schema_has_key (schema, SETTING))
    return g_strdupv ((char **)standard);
  self->settings = g_settings_new (CNN_APP_ID);
  return g_settings_get_strv (self->settings, SETTING);
}

static void
viz_layer_columns_finalize (GObject *object)
{
  VizLayerColumns *self = VIZ_LAYER_COLUMNS (object);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_clear_object (&self->columns[i]);
  g_clear_object (&self->actions);
  g_clear_object (&self->menu);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (viz_layer_columns_parent_class)->finalize (object);
}

static void
viz_layer_columns_class_init (VizLayerColumnsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = viz_layer_columns_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", VIZ_TYPE_LAYER_COLUMNS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 0);
}

static void
viz_layer_columns_init (VizLayerColumns *self)
{
  self->menu = g_menu_new ();
  self->actions = g_simple_action_group_new ();
}

VizLayerColumns *
viz_layer_columns_new (GtkColumnView *view, GtkWidget *owner)
{
  VizLayerColumns *self = g_object_new (VIZ_TYPE_LAYER_COLUMNS, NULL);
  g_auto (GStrv) names = chosen_names (self);

  self->view = view;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    add_column (self, i, g_strv_contains ((const char *const *)names, kinds[i].id));
  gtk_widget_insert_action_group (owner, "columns", G_ACTION_GROUP (self->actions));
  return self;
}

GMenuModel *
viz_layer_columns_get_menu (VizLayerColumns *self)
{
  return G_MENU_MODEL (self->menu);
}

gboolean
viz_layer_columns_need_cost (VizLayerColumns *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].measured && gtk_column_view_column_get_visible (self->columns[i]))
      return TRUE;
  return FALSE;
}

/* Another factory binds every cell anew. */
void
viz_layer_columns_refresh (VizLayerColumns *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].measured && gtk_column_view_column_get_visible (self->columns[i])) {
      g_autoptr (GtkListItemFactory) factory = factory_new (&kinds[i]);

      gtk_column_view_column_set_factory (self->columns[i], factory);
    }
}
