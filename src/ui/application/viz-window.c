/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-private.h"

#include <glib/gi18n.h>

#include "viz-samples.h"
#include "widgets/viz-mnemonic.h"
#include "widgets/viz-tooltip.h"
#include "methods/session/cnn-session-file.h"
#include "viz-window-session.h"

G_DEFINE_FINAL_TYPE (VizWindow, viz_window, ADW_TYPE_APPLICATION_WINDOW)

/* The digit of the first start, and what "misread" opens. */
#define FIRST_SAMPLE "digit-7"
/* a tank in the sun, which the network misses */
#define FIRST_TANK "with-bright-sky"

void
viz_window_toast (VizWindow *self, const char *text)
{
  viz_toasts_add (self->toasts, text, 5);
}

VizEvaluator *
viz_window_get_evaluator (VizWindow *self)
{
  return self->evaluator;
}

VizDocument *
viz_window_get_document (VizWindow *self)
{
  return self->document;
}

/* What is open, in the header bar and in the title for the desktop's lists. */
static void
update_names (VizWindow *self)
{
  CnnModel *model = viz_document_get_model (self->document);
  g_autofree char *image = viz_document_dup_image_name (self->document);
  int place = viz_document_get_image_position (self->document);
  guint n = viz_document_get_n_images (self->document);
  g_autofree char *names = NULL, *tip = NULL, *title = NULL;

  if (model != NULL && image != NULL)
    names = g_strdup_printf ("%s – %s", cnn_model_get_name (model), image);
  else
    names = g_strdup (model != NULL ? cnn_model_get_name (model) : image);
  tip = g_strdup (names);
  if (place >= 0 && n > 1) {
    g_free (tip);
    tip = g_strdup_printf (_ ("%s (picture %d of %u)"), names, place + 1, n);
  }
  gtk_label_set_text (self->names, names != NULL ? names : "");
  viz_tooltip_describe (GTK_WIDGET (self->names), tip);
  title = names != NULL ? g_strdup_printf (_ ("%s – CnnViz"), names) : g_strdup (_ ("CnnViz"));
  gtk_window_set_title (GTK_WINDOW (self), title);
}

/* The views, or what one can do where nothing is open. */
static void
show_content (VizWindow *self)
{
  gboolean any =
      viz_document_get_model (self->document) != NULL || viz_document_get_image (self->document) != NULL;

  gtk_stack_set_visible_child_name (self->content, any ? "views" : "empty");
}

static void
on_changed (VizDocument *document, guint what, VizWindow *self)
{
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE))
    update_names (self);
  /* a sentence about a file may be all that a start comes to */
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE | VIZ_CHANGED_ERROR))
    show_content (self);
  if (what & VIZ_CHANGED_VIEW)
    adw_view_stack_set_visible_child_name (self->views, viz_document_get_choices (document)->view);
  viz_window_sync_actions (self, what);
}

static void
on_error (VizDocument *document, const char *sentence, VizWindow *self)
{
  viz_window_toast (self, sentence);
}

static void
on_saved (VizJobs *jobs, const char *path, VizWindow *self)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *text = g_strdup_printf (_ ("Saved as %s"), name);

  viz_window_toast (self, text);
}

static void
on_view (VizWindow *self)
{
  const char *name = adw_view_stack_get_visible_child_name (self->views);

  if (name != NULL)
    viz_document_set_view (self->document, name);
}

typedef enum { KIND_MODEL, KIND_IMAGE, KIND_LABELS, KIND_SESSION, KIND_FOLDER } FileKind;

static gboolean
has_ending (const char *name, const char *const *endings)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; endings[i] != NULL; i++)
    if (g_str_has_suffix (lower, endings[i]))
      return TRUE;
  return FALSE;
}

/* A folder, unless it is the one of a TensorFlow.js network; or a table of pictures and their classes. */
static gboolean
is_picture_folder (const char *path)
{
  static const char *const tables[] = { ".csv", ".tsv", NULL };
  g_autofree char *json = g_build_filename (path, "model.json", NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR) ? !g_file_test (json, G_FILE_TEST_EXISTS)
                                                : has_ending (path, tables);
}

/* What a file is, by its name, sessions by their content; the readers judge the rest. */
static FileKind
kind_of (const char *path)
{
  static const char *const models[] = { ".h5", ".hdf5", ".keras", ".onnx", "model.json", NULL };
  static const char *const sessions[] = { ".json", ".cnnviz", NULL };
  static const char *const arrays[] = { ".npy", NULL };
  static const char *const labels[] = { ".txt", "labels.json", "metadata.json", NULL };
  g_autofree char *type = NULL;
  gboolean uncertain = FALSE;

  if (is_picture_folder (path))
    return KIND_FOLDER;
  if ((has_ending (path, sessions) && cnn_session_file_is (path)) || cnn_figure_file_is (path))
    return KIND_SESSION;
  if (has_ending (path, models))
    return KIND_MODEL;
  if (has_ending (path, arrays))
    return KIND_IMAGE;
  if (has_ending (path, labels))
    return KIND_LABELS;
  type = g_content_type_guess (path, NULL, 0, &uncertain);
  return g_content_type_is_a (type, "image/*") || g_str_has_prefix (type, "image/") ? KIND_IMAGE : KIND_MODEL;
}

void
viz_window_open_files (VizWindow *self, GFile **files, guint n)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *labels = NULL, *folder = NULL;

  for (guint i = 0; i < n; i++) {
    g_autofree char *path = g_file_get_path (files[i]);

    if (path == NULL) {
      g_autofree char *uri = g_file_get_uri (files[i]);
      g_autofree char *text =
          g_strdup_printf (_ ("%s is not on this computer: save it to a folder first."), uri);

      viz_document_report (self->document, text);
      continue;
    }
    switch (kind_of (path)) {
    case KIND_IMAGE:
      g_ptr_array_add (images, g_steal_pointer (&path));
      break;
    case KIND_LABELS:
      g_free (labels);
      labels = g_steal_pointer (&path);
      break;
    case KIND_FOLDER:
      g_free (folder);
      folder = g_steal_pointer (&path);
      break;
    case KIND_SESSION:
      viz_window_open_session (self, path);
      break;
    case KIND_MODEL:
    default:
      viz_jobs_open_model (self->jobs, path);
      break;
    }
  }
  if (labels != NULL)
    viz_jobs_open_labels (self->jobs, labels);
  if (folder != NULL)
    viz_window_open_folder (self, folder);
  if (images->len > 0) {
    viz_evaluator_set_folder (self->evaluator, NULL);
    viz_jobs_open_image (self->jobs, images->pdata[0]);
    g_ptr_array_add (images, NULL);
    viz_document_set_images (self->document, (const char *const *)images->pdata);
  }
}

void
viz_window_open_sample (VizWindow *self, const char *name)
{
  gboolean tank = name != NULL && (g_str_equal (name, "tank") || g_str_has_prefix (name, "tank-"));
  const char *network = tank ? "tank" : "digits";
  g_autofree char *model = viz_sample_model (network);
  g_auto (GStrv) images = viz_sample_images (network);
  gboolean whole = name == NULL || name[0] == '\0' || g_str_equal (name, network);
  const char *start = tank ? (whole ? FIRST_TANK : name + strlen ("tank-")) : whole ? FIRST_SAMPLE : name;
  const char *found = NULL;

  for (guint i = 0; images[i] != NULL && found == NULL; i++) {
    g_autofree char *base = g_path_get_basename (images[i]);

    if (g_str_has_prefix (base, start))
      found = images[i];
  }
  if (model == NULL || found == NULL) {
    g_autofree char *text =
        model == NULL
            ? g_strdup (_ ("The samples are not installed: set CNN_DATA_DIR to the program's data."))
            : g_strdup_printf (_ ("There is no sample called “%s”."), start);

    viz_document_report (self->document, text);
    return;
  }
  if (g_strcmp0 (viz_document_get_model_path (self->document), model) != 0)
    viz_jobs_open_model (self->jobs, model);
  viz_evaluator_set_folder (self->evaluator, NULL);
  viz_jobs_open_image (self->jobs, found);
  viz_document_set_images (self->document, (const char *const *)images);
}

void
viz_window_step_image (VizWindow *self, int by)
{
  int n = (int)viz_document_get_n_images (self->document);
  int place = viz_document_get_image_position (self->document);

  if (n < 2)
    return;
  place = place < 0 ? 0 : (place + by + n) % n;
  viz_jobs_open_image (self->jobs, viz_document_get_listed_image (self->document, (guint)place));
}

static gboolean
is_chosen (GSettings *settings, const char *key)
{
  g_autoptr (GVariant) value = g_settings_get_user_value (settings, key);

  return value != NULL;
}

/* How much larger letters are than 10 points at 96 dots an inch, for which the sizes of panes are made. */
static double
letter_scale (VizWindow *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double size = (double)pango_font_description_get_size (font) / PANGO_SCALE;

  if (!pango_font_description_get_size_is_absolute (font))
    size *= pango_cairo_context_get_resolution (context) / 72;
  return CLAMP (size / (10 * 96 / 72.0), 1, 2);
}

static void
restore_size (VizWindow *self)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
      source != NULL ? g_settings_schema_source_lookup (source, CNN_APP_ID, TRUE) : NULL;
  int panes[3] = { 320, 310, 250 };
  gboolean chosen = FALSE; /* by the person, in an earlier window */

  if (schema != NULL) {
    self->settings = g_settings_new (CNN_APP_ID);
    gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (self->settings, "window-width"),
                                 g_settings_get_int (self->settings, "window-height"));
    if (g_settings_get_boolean (self->settings, "window-maximized"))
      gtk_window_maximize (GTK_WINDOW (self));
    panes[0] = g_settings_get_int (self->settings, "layers-width");
    panes[1] = g_settings_get_int (self->settings, "controls-width");
    panes[2] = g_settings_get_int (self->settings, "gallery-height");
    chosen = is_chosen (self->settings, "layers-width");
  }
  if (!chosen)
    panes[0] = (int)(panes[0] * letter_scale (self));
  viz_explore_view_set_panes (self->explore, panes);
}

static void
remember_size (VizWindow *self)
{
  int width, height, panes[3];

  if (self->settings == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  viz_explore_view_get_panes (self->explore, panes);
  g_settings_set_int (self->settings, "window-width", MAX (400, width));
  g_settings_set_int (self->settings, "window-height", MAX (300, height));
  g_settings_set_boolean (self->settings, "window-maximized", gtk_window_is_maximized (GTK_WINDOW (self)));
  g_settings_set_int (self->settings, "layers-width", MAX (0, panes[0]));
  g_settings_set_int (self->settings, "controls-width", MAX (0, panes[1]));
  g_settings_set_int (self->settings, "gallery-height", MAX (0, panes[2]));
}

static gboolean
viz_window_close_request (GtkWindow *window)
{
  VizWindow *self = VIZ_WINDOW (window);

  remember_size (self);
  viz_window_keep_session (self);
  viz_jobs_shutdown (self->jobs);
  return GTK_WINDOW_CLASS (viz_window_parent_class)->close_request (window);
}

static void
viz_window_dispose (GObject *object)
{
  VizWindow *self = VIZ_WINDOW (object);

  if (self->jobs != NULL)
    viz_jobs_shutdown (self->jobs);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  if (self->dialog != NULL)
    gtk_native_dialog_destroy (self->dialog);
  g_clear_object (&self->dialog);
  if (self->evaluator != NULL)
    g_signal_handlers_disconnect_by_data (self->evaluator, self);
  g_clear_object (&self->evaluator);
  g_clear_object (&self->jobs);
  g_clear_object (&self->settings);
  g_object_set_data (object, "viz-sessions", NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), VIZ_TYPE_WINDOW);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (viz_window_parent_class)->dispose (object);
}

static void
viz_window_class_init (VizWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = viz_window_close_request;
  g_type_ensure (VIZ_TYPE_EXPLORE_VIEW);
  g_type_ensure (VIZ_TYPE_COMPARE_VIEW);
  g_type_ensure (VIZ_TYPE_MAXIMIZE_VIEW);
  g_type_ensure (VIZ_TYPE_ARCHITECTURE_VIEW);
  g_type_ensure (VIZ_TYPE_TOASTS);
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-window.ui");
  gtk_widget_class_bind_template_child (widget_class, VizWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, header);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, content);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, views);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, names);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, open_button);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, recent_networks);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, recent_pictures);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, explore);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, compare);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, maximize);
  gtk_widget_class_bind_template_child (widget_class, VizWindow, architecture);
}

/* The keys of the picture work from the start. */
static void
on_map (VizWindow *self)
{
  gtk_widget_grab_focus (viz_explore_view_get_canvas (self->explore));
}

static void
viz_window_init (VizWindow *self)
{
  self->document = viz_document_new ();
  self->jobs = viz_jobs_new (self->document);
  gtk_widget_init_template (GTK_WIDGET (self));
  viz_mnemonics_name (GTK_WIDGET (self));
  viz_window_add_actions (self);
  viz_window_add_help (self);
  viz_window_add_keys (self);
  viz_window_add_drop_target (self);
  viz_explore_view_set_document (self->explore, self->document);
  viz_compare_view_set_document (self->compare, self->document);
  viz_maximize_view_set_document (self->maximize, self->document);
  viz_architecture_view_set_document (self->architecture, self->document);
  g_signal_connect (self->document, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (self->document, "error", G_CALLBACK (on_error), self);
  viz_window_add_sessions (self);
  viz_window_add_architecture (self);
  viz_window_add_images (self);
  viz_window_add_recent (self);
  viz_explore_view_add_actions (self->explore, G_ACTION_MAP (self));
  g_signal_connect (self->jobs, "saved", G_CALLBACK (on_saved), self);
  g_signal_connect_swapped (self->views, "notify::visible-child-name", G_CALLBACK (on_view), self);
  restore_size (self);
  viz_window_sync_actions (self, VIZ_CHANGED_ALL);
  g_signal_connect_after (self, "map", G_CALLBACK (on_map), NULL);
}

GtkWidget *
viz_window_new (GtkApplication *application)
{
  return g_object_new (VIZ_TYPE_WINDOW, "application", application, NULL);
}
