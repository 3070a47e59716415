/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn-viz"
#include "config.h"
#include "viz-status.h"

#include <math.h>

#include "methods/cnn-map-describe.h"
#include "compare/viz-compared.h"
#include "maximize/viz-maximized.h"

/* How many classes "top" lists. */
#define N_TOP 5

static const char introspection[] = "<node>"
                                    "  <interface name='com.example.CnnViz.Status'>"
                                    "    <method name='Get'>"
                                    "      <arg type='a{sv}' name='status' direction='out'/>"
                                    "    </method>"
                                    "  </interface>"
                                    "</node>";

/* A number that is no probability has none: not a number. */
static GVariant *
top_classes (const CnnPrediction *prediction)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(isdd)"));
  for (guint i = 0; prediction != NULL && i < MIN (prediction->n, N_TOP); i++) {
    const CnnPredictionEntry *entry = &prediction->entries[i];
    double probability =
        cnn_model_has_probabilities (prediction->model) ? (double)entry->probability : (double)NAN;

    g_variant_builder_add (&builder, "(isdd)", entry->class_index, entry->label, probability,
                           (double)entry->score);
  }
  return g_variant_builder_end (&builder);
}

static GVariant *
notes_of (const CnnMap *map)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("as"));
  for (guint i = 0; map != NULL && map->notes != NULL && i < map->notes->len; i++)
    g_variant_builder_add (&builder, "s", map->notes->pdata[i]);
  return g_variant_builder_end (&builder);
}

/* The classes of the grid's rows, the headings of its columns, and how many maps are there. */
static void
add_compared (GVariantBuilder *builder, const VizResults *results)
{
  const VizCompared *compared = results->compared;
  GVariantBuilder rows;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("ai"));
  for (guint i = 0; compared != NULL && i < compared->grid->n_rows; i++)
    g_variant_builder_add (&rows, "i", compared->grid->classes[i]);
  g_variant_builder_add (builder, "{sv}", "compare-rows", g_variant_builder_end (&rows));
  g_variant_builder_add (
      builder, "{sv}", "compare-columns",
      g_variant_new_strv (compared != NULL ? (const char *const *)compared->headings : NULL,
                          compared != NULL ? -1 : 0));
  g_variant_builder_add (builder, "{sv}", "compare-maps",
                         g_variant_new_uint32 (compared != NULL ? viz_compared_count (compared) : 0));
  g_variant_builder_add (builder, "{sv}", "compare-stale", g_variant_new_boolean (results->compared_stale));
  g_variant_builder_add (builder, "{sv}", "compare-milliseconds",
                         g_variant_new_double (compared != NULL ? compared->grid->milliseconds : 0));
}

/* Whether it goes on, and of each target: number, label, iterations, the score that was reached. */
static void
add_maximized (GVariantBuilder *builder, const VizResults *results)
{
  static const char *const words[] = { "not", "runs", "rests", "done" };
  const CnnMaximized *found = results->maximized != NULL ? results->maximized->found : NULL;
  GVariantBuilder targets;

  g_variant_builder_init (&targets, G_VARIANT_TYPE ("a(usud)"));
  for (guint i = 0; found != NULL && i < found->n; i++)
    g_variant_builder_add (&targets, "(usud)", found->targets[i].index, found->targets[i].label,
                           found->targets[i].done, found->targets[i].score);
  g_variant_builder_add (builder, "{sv}", "maximizing", g_variant_new_string (words[results->maximizing]));
  g_variant_builder_add (builder, "{sv}", "maximized-old", g_variant_new_boolean (results->maximized_old));
  g_variant_builder_add (
      builder, "{sv}", "maximized-layer",
      g_variant_new_string (found != NULL && found->layer_name != NULL ? found->layer_name : ""));
  g_variant_builder_add (builder, "{sv}", "maximized", g_variant_builder_end (&targets));
}

static void
add_string (GVariantBuilder *builder, const char *key, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  g_variant_builder_add (builder, "{sv}", key, g_variant_new_string (valid));
}

/* What is known of a folder whose pictures have classes: running, right, wrong, unreadable; and how often
 * which class was taken for which. */
static void
add_evaluation (GVariantBuilder *builder, VizEvaluator *evaluator)
{
  CnnEvaluation *evaluation = evaluator != NULL ? viz_evaluator_get_evaluation (evaluator) : NULL;
  g_autoptr (GArray) found = evaluation != NULL ? cnn_evaluation_confusions (evaluation) : NULL;
  GVariantBuilder confusions;

  g_variant_builder_init (&confusions, G_VARIANT_TYPE ("a(iiu)"));
  for (guint i = 0; found != NULL && i < found->len; i++) {
    const CnnConfusion *confusion = &g_array_index (found, CnnConfusion, i);

    g_variant_builder_add (&confusions, "(iiu)", confusion->truth, confusion->predicted, confusion->count);
  }
  add_string (builder, "evaluated-folder", evaluator != NULL ? viz_evaluator_get_folder (evaluator) : NULL);
  g_variant_builder_add (builder, "{sv}", "evaluation",
                         g_variant_new ("(buuu)", evaluator != NULL && viz_evaluator_get_running (evaluator),
                                        evaluation != NULL ? evaluation->n_right : 0,
                                        evaluation != NULL ? evaluation->n_wrong : 0,
                                        evaluation != NULL ? evaluation->n_failed : 0));
  g_variant_builder_add (builder, "{sv}", "confusions", g_variant_builder_end (&confusions));
}

GVariant *
viz_status_get (VizDocument *document, VizEvaluator *evaluator)
{
  const VizChoices *choices = viz_document_get_choices (document);
  const VizResults *results = viz_document_get_results (document);
  const CnnMap *map = results->map;
  g_autofree char *description = map != NULL ? cnn_map_describe (map) : NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_string (&builder, "model", viz_document_get_model_path (document));
  add_string (&builder, "image", viz_document_get_image_path (document));
  add_string (&builder, "layer", viz_document_get_layer_name (document, choices->layer));
  g_variant_builder_add (&builder, "{sv}", "class",
                         g_variant_new_int32 (viz_document_get_explained (document)));
  add_string (&builder, "method", choices->method != NULL ? choices->method->name : "none");
  add_string (&builder, "modifier", cnn_modifier_name (choices->modifier));
  g_variant_builder_add (&builder, "{sv}", "busy", g_variant_new_boolean (results->busy));
  g_variant_builder_add (&builder, "{sv}", "shown", g_variant_new_uint32 (results->shown));
  g_variant_builder_add (&builder, "{sv}", "top", top_classes (results->prediction));
  g_variant_builder_add (&builder, "{sv}", "occluded-top", top_classes (results->occluded));
  g_variant_builder_add (&builder, "{sv}", "map-min", g_variant_new_double (map != NULL ? map->min : 0));
  g_variant_builder_add (&builder, "{sv}", "map-max", g_variant_new_double (map != NULL ? map->max : 0));
  g_variant_builder_add (&builder, "{sv}", "notes", notes_of (map));
  add_string (&builder, "description", description);
  add_string (&builder, "view", choices->view);
  add_compared (&builder, results);
  add_maximized (&builder, results);
  add_evaluation (&builder, evaluator);
  add_string (&builder, "last-error", viz_document_get_last_error (document));
  return g_variant_builder_end (&builder);
}

/* What the object speaks of. */
typedef struct {
  VizDocument *document;
  VizEvaluator *evaluator;
} Shown;

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_object_unref (shown->document);
  g_clear_object (&shown->evaluator);
  g_free (shown);
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation, gpointer data)
{
  Shown *shown = data;

  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(@a{sv})", viz_status_get (shown->document, shown->evaluator)));
}

guint
viz_status_export (VizDocument *document, VizEvaluator *evaluator, GDBusConnection *connection,
                   const char *path)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, NULL);
  g_autoptr (GError) error = NULL;
  Shown *shown;
  guint id;

  g_return_val_if_fail (node != NULL, 0);
  shown = g_new (Shown, 1);
  *shown = (Shown){ g_object_ref (document), evaluator != NULL ? g_object_ref (evaluator) : NULL };
  id = g_dbus_connection_register_object (connection, path, node->interfaces[0], &vtable, shown, shown_free,
                                          &error);
  if (id == 0)
    g_info ("No status object at %s: %s", path, error->message);
  return id;
}
