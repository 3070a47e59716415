/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-export-dialog.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "viz-export-settings.h"
#include "viz-figure-task.h"
#include "widgets/viz-entry.h"
#include "widgets/viz-mnemonic.h"
#include "widgets/viz-scrolled-text.h"
#include "widgets/viz-toasts.h"

/* of the preview's longer side */
#define PREVIEW_PIXELS 1200
#define LIKELY_PAGES 32
/* typing is waited for */
#define WAIT_MS 150

static const char *const formats[] = { "png", "svg", "pdf" };
static const double presets[] = { 85, 160, 174 };

struct _VizExportDialog {
  AdwWindow parent;
  GtkButton *export_button, *copy_button, *stop_button, *restore_button;
  VizToasts *toasts;
  GtkStack *stack;
  GtkPicture *preview;
  GtkLabel *failure, *size_label;
  GtkProgressBar *progress;
  GtkSpinner *spinner;
  AdwComboRow *kind_row, *format_row, *preset_row, *theme_row, *colormap_row;
  GtkEditable *channels_row, *classes_row, *title_row, *low_row, *high_row;
  GtkWidget *shared_row, *width_row, *dpi_row, *caption_row, *colours_group, *range_row;
  GtkSwitch *shared, *has_title, *has_caption, *letters, *has_range, *json;
  GtkSpinButton *width, *dpi;
  GtkTextView *caption_view;

  VizDocument *document;
  VizJobs *jobs;
  GSettings *settings;
  CnnFigureKind kinds[CNN_N_FIGURE_KINDS]; /* those that can be drawn now */
  guint n_kinds;
  CnnFigureRecipe *base; /* what the figure is made of when nothing is changed here */
  GtkNativeDialog *chooser;
  gboolean updating, title_edited, caption_edited, copying, writing;
  guint timeout, n_pages; /* of what the preview shows the first of */
};

G_DEFINE_FINAL_TYPE (VizExportDialog, viz_export_dialog, ADW_TYPE_WINDOW)

static CnnFigureKind
get_kind (VizExportDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->kind_row);

  return selected < self->n_kinds ? self->kinds[selected] : CNN_FIGURE_CANVAS;
}

static const char *
get_format (VizExportDialog *self)
{
  return formats[MIN (adw_combo_row_get_selected (self->format_row), G_N_ELEMENTS (formats) - 1)];
}

static char *
dup_caption (VizExportDialog *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->caption_view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
set_text (char **text, const char *value)
{
  g_free (*text);
  *text = value != NULL && *value != '\0' ? g_strdup (value) : NULL;
}

static gboolean
read_number (GtkEditable *editable, double *number)
{
  const char *text = gtk_editable_get_text (editable);
  char *end;

  *number = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && isfinite (*number);
}

/* Kinds that are too long for a page sometimes. In a PDF a diagram is, too, but as a picture it is a poster.
 */
static gboolean
has_pages (VizExportDialog *self)
{
  CnnFigureKind kind = get_kind (self);

  return g_str_equal (get_format (self), "pdf") || kind == CNN_FIGURE_TABLE || kind == CNN_FIGURE_KERNELS ||
         kind == CNN_FIGURE_ACTIVATIONS || kind == CNN_FIGURE_MAXIMIZED;
}

/* The recipe by the choices of the dialog. */
static CnnFigureRecipe *
make_recipe (VizExportDialog *self)
{
  CnnFigureRecipe *recipe = cnn_figure_recipe_copy (self->base);
  guint colormap = adw_combo_row_get_selected (self->colormap_row);
  g_autofree char *caption = dup_caption (self);

  recipe->kind = get_kind (self);
  recipe->width_mm = gtk_spin_button_get_value (self->width);
  recipe->dpi = gtk_spin_button_get_value (self->dpi);
  recipe->dark = adw_combo_row_get_selected (self->theme_row) == 1;
  recipe->no_letters = !gtk_switch_get_active (self->letters);
  recipe->shared = gtk_switch_get_active (self->shared);
  set_text (&recipe->channels, gtk_editable_get_text (self->channels_row));
  set_text (&recipe->classes, gtk_editable_get_text (self->classes_row));
  set_text (&recipe->title, self->title_edited ? gtk_editable_get_text (self->title_row) : NULL);
  set_text (&recipe->caption, self->caption_edited ? caption : NULL);
  if (!gtk_switch_get_active (self->has_title)) {
    g_free (recipe->title);
    recipe->title = g_strdup ("");
  }
  if (!gtk_switch_get_active (self->has_caption)) {
    g_free (recipe->caption);
    recipe->caption = g_strdup ("");
  }
  set_text (&recipe->session->colormap, colormap > 0 && colormap != GTK_INVALID_LIST_POSITION
                                            ? cnn_colormaps_list ()[colormap - 1]->name
                                            : NULL);
  recipe->own_range = gtk_switch_get_active (self->has_range) && read_number (self->low_row, &recipe->low) &&
                      read_number (self->high_row, &recipe->high) && recipe->low < recipe->high;
  return recipe;
}

/* the preview */

static void
show_work (VizExportDialog *self, double fraction)
{
  gboolean lasts = fraction >= 0 && fraction < 1;

  gtk_widget_set_visible (GTK_WIDGET (self->progress), lasts);
  gtk_widget_set_visible (GTK_WIDGET (self->stop_button), lasts);
  if (lasts)
    gtk_progress_bar_set_fraction (self->progress, fraction);
}

static void
set_busy (VizExportDialog *self, gboolean busy)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->export_button), !self->writing);
  gtk_widget_set_sensitive (GTK_WIDGET (self->copy_button), !busy);
  if (!busy)
    show_work (self, -1);
}

static void
ask_preview (VizExportDialog *self, double pixels)
{
  g_autoptr (CnnFigureRecipe) recipe = make_recipe (self);

  set_busy (self, TRUE);
  /* the clipboard takes one picture, however long */
  viz_jobs_preview_figure (self->jobs, recipe, pixels,
                           self->copying ? g_str_equal (get_format (self), "pdf") : has_pages (self));
}

static gboolean
on_timeout (gpointer data)
{
  VizExportDialog *self = data;

  self->timeout = 0;
  self->copying = FALSE;
  ask_preview (self, PREVIEW_PIXELS);
  return G_SOURCE_REMOVE;
}

static void
schedule (VizExportDialog *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->timeout = g_timeout_add (WAIT_MS, on_timeout, self);
}

static void
show_failure (VizExportDialog *self, const char *sentence)
{
  gtk_label_set_text (self->failure, sentence);
  gtk_stack_set_visible_child_name (self->stack, "failure");
  gtk_label_set_text (self->size_label, "");
}

/* As viz_entry_show_text() does. */
static void
change_caption (VizExportDialog *self, const char *caption)
{
  g_autofree char *text = dup_caption (self);

  if (!g_str_equal (text, caption))
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->caption_view), caption, -1);
}

/* The page's own words, where the person has not written others. */
static void
show_words (VizExportDialog *self, const VizFigureResult *result)
{
  self->updating = TRUE;
  if (!self->title_edited && gtk_switch_get_active (self->has_title))
    viz_entry_show_text (self->title_row, result->title);
  if (!self->caption_edited && gtk_switch_get_active (self->has_caption))
    change_caption (self, result->caption != NULL ? result->caption : "");
  gtk_widget_set_sensitive (GTK_WIDGET (self->restore_button), self->title_edited || self->caption_edited);
  self->updating = FALSE;
}

static void
show_size (VizExportDialog *self, const VizFigureResult *result)
{
  double dpi = gtk_spin_button_get_value (self->dpi);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("%.0f × %.0f mm"), result->width_mm, result->height_mm);
  if (g_str_equal (get_format (self), "png"))
    g_string_append_printf (text, _ (", %.0f × %.0f pixels"), result->width_mm / 25.4 * dpi,
                            result->height_mm / 25.4 * dpi);
  if (result->n_pages > 1)
    g_string_append_printf (text, ngettext (", %u page", ", %u pages", result->n_pages), result->n_pages);
  gtk_label_set_text (self->size_label, text->str);
  g_string_free (text, TRUE);
}

static void
toast (VizExportDialog *self, const char *text)
{
  viz_toasts_add (self->toasts, text, 5);
}

static void
on_previewed (VizJobs *jobs, VizFigureResult *result, const char *sentence, VizExportDialog *self)
{
  if (result == NULL) {
    set_busy (self, FALSE);
    self->copying = FALSE;
    show_failure (self, sentence != NULL ? sentence : "");
    return;
  }
  if (result->texture == NULL) {
    show_work (self, result->progress);
    return;
  }
  set_busy (self, FALSE);
  gtk_picture_set_paintable (self->preview, GDK_PAINTABLE (result->texture));
  gtk_stack_set_visible_child_name (self->stack, "page");
  show_words (self, result);
  show_size (self, result);
  if (!self->copying)
    self->n_pages = result->n_pages;
  if (self->copying) {
    self->copying = FALSE;
    gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (self)), result->texture);
    toast (self, _ ("Copied"));
  }
}

/* what is chosen */

/* Rows that say nothing for the kind are not there. */
static void
show_rows (VizExportDialog *self)
{
  CnnFigureKind kind = get_kind (self);
  gboolean gallery = kind == CNN_FIGURE_ACTIVATIONS || kind == CNN_FIGURE_KERNELS;
  gboolean words = kind == CNN_FIGURE_TABLE || kind == CNN_FIGURE_DIAGRAM || kind == CNN_FIGURE_PREDICTION ||
                   kind == CNN_FIGURE_MAXIMIZED;

  gtk_widget_set_visible (GTK_WIDGET (self->channels_row), gallery);
  gtk_widget_set_visible (GTK_WIDGET (self->classes_row),
                          kind == CNN_FIGURE_COMPARE || kind == CNN_FIGURE_MAXIMIZED);
  gtk_widget_set_visible (self->shared_row, gallery || kind == CNN_FIGURE_COMPARE);
  gtk_widget_set_visible (self->colours_group, !words);
  gtk_widget_set_visible (self->range_row, !gallery);
  gtk_widget_set_visible (GTK_WIDGET (self->low_row), !gallery && gtk_switch_get_active (self->has_range));
  gtk_widget_set_visible (GTK_WIDGET (self->high_row), !gallery && gtk_switch_get_active (self->has_range));
  gtk_widget_set_visible (GTK_WIDGET (self->title_row), gtk_switch_get_active (self->has_title));
  gtk_widget_set_visible (self->caption_row, gtk_switch_get_active (self->has_caption));
  gtk_widget_set_visible (self->width_row,
                          adw_combo_row_get_selected (self->preset_row) == G_N_ELEMENTS (presets));
  gtk_widget_set_visible (self->dpi_row, g_str_equal (get_format (self), "png"));
}

static void
on_choice (VizExportDialog *self)
{
  if (self->updating)
    return;
  show_rows (self);
  schedule (self);
}

static void
on_kind (VizExportDialog *self)
{
  if (self->updating)
    return;
  cnn_figure_recipe_free (self->base);
  self->base = viz_jobs_new_recipe (self->jobs, get_kind (self));
  self->updating = TRUE;
  viz_entry_show_text (self->channels_row, self->base->channels);
  viz_entry_show_text (self->classes_row, self->base->classes);
  gtk_switch_set_active (self->shared, self->base->shared);
  self->updating = FALSE;
  /* words about another figure would be wrong */
  self->title_edited = self->caption_edited = FALSE;
  on_choice (self);
}

static void
on_preset (VizExportDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->preset_row);

  if (self->updating)
    return;
  if (selected < G_N_ELEMENTS (presets))
    gtk_spin_button_set_value (self->width, presets[selected]);
  on_choice (self);
}

static void
on_title (VizExportDialog *self)
{
  if (self->updating)
    return;
  self->title_edited = TRUE;
  on_choice (self);
}

static void
on_caption (VizExportDialog *self)
{
  if (self->updating)
    return;
  self->caption_edited = TRUE;
  on_choice (self);
}

static void
on_restore (VizExportDialog *self)
{
  self->title_edited = self->caption_edited = FALSE;
  schedule (self);
}

/* what becomes of it */

static void
on_stop (VizExportDialog *self)
{
  viz_jobs_stop_figures (self->jobs);
  self->writing = self->copying = FALSE;
  set_busy (self, FALSE);
  show_failure (self, _ ("Stopped. Choose something else, or export to begin anew."));
}

static void
on_copy (VizExportDialog *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->copying = TRUE;
  ask_preview (self, 0);
}

static void
write_to (VizExportDialog *self, const char *path)
{
  g_autoptr (CnnFigureRecipe) recipe = make_recipe (self);

  g_clear_handle_id (&self->timeout, g_source_remove);
  self->writing = TRUE;
  set_busy (self, TRUE);
  viz_jobs_write_figure (self->jobs, recipe, path, gtk_switch_get_active (self->json));
}

static void
on_replace (AdwMessageDialog *dialog, const char *response, VizExportDialog *self)
{
  if (g_str_equal (response, "replace"))
    write_to (self, g_object_get_data (G_OBJECT (dialog), "path"));
}

/* The file chooser has not asked about a name that it does not know. */
static void
ask_replace (VizExportDialog *self, const char *path, const char *existing)
{
  g_autofree char *name = g_path_get_basename (existing);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Replace the File?"), NULL);

  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog), _ ("There is already a file called “%s”."),
                                  name);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "replace",
                                    _ ("_Replace"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "replace",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "path", g_strdup (path), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_replace), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
has_format (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autofree char *ending = g_strconcat (".", formats[i], NULL);

    if (g_str_has_suffix (lower, ending))
      return TRUE;
  }
  return FALSE;
}

static void
remember_folder (VizExportDialog *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (self->settings != NULL)
    g_settings_set_string (self->settings, "last-folder", folder);
}

/* A file that would be written over and that the file chooser does not know of, or NULL. */
static char *
find_existing (VizExportDialog *self, const char *path)
{
  /* what was chosen since the preview may have more */
  guint n = strstr (path, "{page}") != NULL ? MAX (self->n_pages, LIKELY_PAGES) : 1;

  for (guint i = 1; i <= n; i++) {
    char *name = cnn_figure_page_path (path, i);

    if (g_file_test (name, G_FILE_TEST_EXISTS))
      return name;
    g_free (name);
  }
  return NULL;
}

static void
on_chosen (GtkNativeDialog *chooser, int response, VizExportDialog *self)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autofree char *whole = NULL, *existing = NULL;
  gboolean asked;

  self->chooser = NULL;
  gtk_native_dialog_destroy (chooser);
  g_object_unref (chooser);
  if (response != GTK_RESPONSE_ACCEPT || path == NULL)
    return;
  remember_folder (self, path);
  asked = has_format (path) && strstr (path, "{page}") == NULL;
  whole = has_format (path) ? g_strdup (path) : g_strconcat (path, ".", get_format (self), NULL);
  existing = asked ? NULL : find_existing (self, whole);
  if (existing != NULL)
    ask_replace (self, whole, existing);
  else
    write_to (self, whole);
}

/* A name that no file in @folder has. */
static char *
free_name (VizExportDialog *self, const char *folder)
{
  g_autofree char *image = viz_document_dup_image_name (self->document);
  char *dot = image != NULL ? strrchr (image, '.') : NULL;
  const char *kind = cnn_figure_kind_name (get_kind (self)), *format = get_format (self);
  const char *page = self->n_pages > 1 && !g_str_equal (format, "pdf") ? "-{page}" : "";
  char *name = NULL;

  if (dot != NULL && dot != image)
    *dot = '\0';
  for (guint i = 1; i < 1000; i++) {
    g_autofree char *number = i > 1 ? g_strdup_printf ("-%u", i) : g_strdup ("");
    g_autofree char *path = NULL, *existing = NULL;

    g_free (name);
    name = g_strdup_printf ("%s-%s%s%s.%s", image != NULL ? image : "network", kind, number, page, format);
    path = g_build_filename (folder, name, NULL);
    existing = *folder != '\0' ? find_existing (self, path) : NULL;
    if (existing == NULL)
      break;
  }
  return name;
}

static void
on_export (VizExportDialog *self)
{
  g_autofree char *folder =
      self->settings != NULL ? g_settings_get_string (self->settings, "last-folder") : g_strdup ("");
  g_autofree char *name = free_name (self, folder);
  GtkFileChooserNative *chooser;

  if (self->chooser != NULL)
    return;
  chooser = gtk_file_chooser_native_new (_ ("Export the Figure"), GTK_WINDOW (self),
                                         GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), _ ("_Cancel"));
  self->chooser = GTK_NATIVE_DIALOG (chooser);
  gtk_native_dialog_set_modal (self->chooser, TRUE);
  if (*folder != '\0' && g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    g_autoptr (GFile) file = g_file_new_for_path (folder);

    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), file, NULL);
  }
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect (chooser, "response", G_CALLBACK (on_chosen), self);
  gtk_native_dialog_show (self->chooser);
}

static void
on_saved (VizJobs *jobs, const char *path, VizExportDialog *self)
{
  if (self->writing)
    gtk_window_close (GTK_WINDOW (self));
}

static void
on_error (VizDocument *document, const char *sentence, VizExportDialog *self)
{
  self->writing = FALSE;
  set_busy (self, FALSE);
  toast (self, sentence);
}

/* from the settings and into them */

static void
fill_kinds (VizExportDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  self->n_kinds = 0;
  for (guint i = 0; i < CNN_N_FIGURE_KINDS; i++) {
    if (!viz_jobs_can_draw (self->jobs, (CnnFigureKind)i))
      continue;
    self->kinds[self->n_kinds++] = (CnnFigureKind)i;
    gtk_string_list_append (names, cnn_figure_kind_title ((CnnFigureKind)i));
  }
  adw_combo_row_set_model (self->kind_row, G_LIST_MODEL (names));
}

static void
select_kind (VizExportDialog *self, CnnFigureKind kind)
{
  for (guint i = 0; i < self->n_kinds; i++)
    if (self->kinds[i] == kind)
      adw_combo_row_set_selected (self->kind_row, i);
}

static void
fill_colormaps (VizExportDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new ((const char *const[]){ _ ("Automatic"), NULL });
  const CnnColormap *const *maps = cnn_colormaps_list ();
  guint selected = 0;

  for (guint i = 0; maps[i] != NULL; i++) {
    gtk_string_list_append (names, maps[i]->name);
    if (g_strcmp0 (maps[i]->name, self->base->session->colormap) == 0)
      selected = i + 1;
  }
  adw_combo_row_set_model (self->colormap_row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->colormap_row, selected);
}

static void
select_width (VizExportDialog *self, double width)
{
  guint selected = 0;

  while (selected < G_N_ELEMENTS (presets) && fabs (presets[selected] - width) > 0.01)
    selected++;
  adw_combo_row_set_selected (self->preset_row, selected);
  gtk_spin_button_set_value (self->width, width);
}

/* The kind that was chosen last, if it belongs to what is in sight; a figure that was opened is shown as it
 * is. */
static void
load (VizExportDialog *self)
{
  VizExportSettings remembered = { 0 };
  const CnnFigureRecipe *base = self->base;
  gboolean opened = base->is_opened;
  CnnFigureKind kind = base->kind, last;

  viz_export_settings_load (&remembered, self->settings);
  if (!opened && base->kind == CNN_FIGURE_CANVAS && cnn_figure_kind_from_name (remembered.kind, &last) &&
      last != CNN_FIGURE_MAXIMIZED && last != CNN_FIGURE_OCCLUSION)
    kind = last;
  fill_kinds (self);
  select_kind (self, kind);
  fill_colormaps (self);
  select_width (self, opened ? base->width_mm : remembered.width_mm);
  gtk_spin_button_set_value (self->dpi, opened ? base->dpi : remembered.dpi);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_equal (formats[i], remembered.format))
      adw_combo_row_set_selected (self->format_row, i);
  adw_combo_row_set_selected (self->theme_row, (opened ? base->dark : remembered.dark) ? 1 : 0);
  gtk_switch_set_active (self->letters, opened ? !base->no_letters : remembered.letters);
  gtk_switch_set_active (self->has_title, opened ? g_strcmp0 (base->title, "") != 0 : remembered.title);
  gtk_switch_set_active (self->has_caption, opened ? g_strcmp0 (base->caption, "") != 0 : remembered.caption);
  gtk_switch_set_active (self->json, remembered.json);
  gtk_switch_set_active (self->shared, base->shared);
  gtk_switch_set_active (self->has_range, base->own_range);
  viz_entry_show_text (self->channels_row, base->channels);
  viz_entry_show_text (self->classes_row, base->classes);
  self->title_edited = base->title != NULL && *base->title != '\0';
  self->caption_edited = base->caption != NULL && *base->caption != '\0';
  viz_entry_show_text (self->title_row, base->title);
  if (self->caption_edited)
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->caption_view), base->caption, -1);
  viz_export_settings_clear (&remembered);
}

static void
fill_range (VizExportDialog *self)
{
  const CnnMap *map = viz_document_get_results (self->document)->map;
  g_autofree char *low = NULL, *high = NULL;

  low = g_strdup_printf ("%.4g", self->base->own_range ? self->base->low
                                 : map != NULL         ? (double)map->min
                                                       : 0);
  high = g_strdup_printf ("%.4g", self->base->own_range ? self->base->high
                                  : map != NULL         ? (double)map->max
                                                        : 1);
  viz_entry_show_text (self->low_row, g_strdelimit (low, ",", '.'));
  viz_entry_show_text (self->high_row, g_strdelimit (high, ",", '.'));
}

static void
save (VizExportDialog *self)
{
  const VizExportSettings now = {
    .kind = (char *)cnn_figure_kind_name (get_kind (self)),
    .format = (char *)get_format (self),
    .width_mm = gtk_spin_button_get_value (self->width),
    .dpi = gtk_spin_button_get_value (self->dpi),
    .dark = adw_combo_row_get_selected (self->theme_row) == 1,
    .letters = gtk_switch_get_active (self->letters),
    .title = gtk_switch_get_active (self->has_title),
    .caption = gtk_switch_get_active (self->has_caption),
    .json = gtk_switch_get_active (self->json),
  };

  viz_export_settings_save (&now, self->settings);
}

static gboolean
viz_export_dialog_close_request (GtkWindow *window)
{
  VizExportDialog *self = VIZ_EXPORT_DIALOG (window);

  save (self);
  viz_jobs_stop_figures (self->jobs);
  return GTK_WINDOW_CLASS (viz_export_dialog_parent_class)->close_request (window);
}

static void
viz_export_dialog_dispose (GObject *object)
{
  VizExportDialog *self = VIZ_EXPORT_DIALOG (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->chooser != NULL) {
    g_signal_handlers_disconnect_by_data (self->chooser, self);
    gtk_native_dialog_destroy (self->chooser);
    g_clear_object (&self->chooser);
  }
  if (self->jobs != NULL)
    g_signal_handlers_disconnect_by_data (self->jobs, self);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  /* what the rows still say while they go concerns nobody */
  self->updating = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), VIZ_TYPE_EXPORT_DIALOG);
  g_clear_object (&self->jobs);
  g_clear_object (&self->document);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->base, cnn_figure_recipe_free);
  G_OBJECT_CLASS (viz_export_dialog_parent_class)->dispose (object);
}

static void
viz_export_dialog_class_init (VizExportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct {
    const char *name;
    gsize offset;
  } children[] = {
#define CHILD(name) { #name, G_STRUCT_OFFSET (VizExportDialog, name) }
    CHILD (export_button), CHILD (copy_button), CHILD (stop_button),   CHILD (restore_button),
    CHILD (toasts),        CHILD (stack),       CHILD (preview),       CHILD (failure),
    CHILD (size_label),    CHILD (progress),    CHILD (spinner),       CHILD (kind_row),
    CHILD (format_row),    CHILD (preset_row),  CHILD (theme_row),     CHILD (colormap_row),
    CHILD (channels_row),  CHILD (classes_row), CHILD (title_row),     CHILD (low_row),
    CHILD (high_row),      CHILD (shared_row),  CHILD (width_row),     CHILD (dpi_row),
    CHILD (caption_row),   CHILD (range_row),   CHILD (colours_group), CHILD (shared),
    CHILD (has_title),     CHILD (has_caption), CHILD (letters),       CHILD (has_range),
    CHILD (json),          CHILD (width),       CHILD (dpi),           CHILD (caption_view),
#undef CHILD
  };

  G_OBJECT_CLASS (klass)->dispose = viz_export_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = viz_export_dialog_close_request;
  g_type_ensure (VIZ_TYPE_TOASTS);
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-export-dialog.ui");
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    gtk_widget_class_bind_template_child_full (widget_class, children[i].name, FALSE,
                                               (gssize)children[i].offset);
  gtk_widget_class_bind_template_callback (widget_class, on_export);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
  gtk_widget_class_bind_template_callback (widget_class, on_kind);
  gtk_widget_class_bind_template_callback (widget_class, on_choice);
  gtk_widget_class_bind_template_callback (widget_class, on_preset);
  gtk_widget_class_bind_template_callback (widget_class, on_title);
  gtk_widget_class_bind_template_callback (widget_class, on_restore);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

/* libadwaita's entry rows keep their text, which has the keyboard, from screen readers. */
static void
name_text (GtkEditable *row)
{
  GtkEditable *text = gtk_editable_get_delegate (row);

  g_object_set (text, "accessible-role", GTK_ACCESSIBLE_ROLE_TEXT_BOX, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), -1);
}

static void
viz_export_dialog_init (VizExportDialog *self)
{
  GtkEditable *rows[5];

  /* nothing is known yet that a choice could be about */
  self->updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  viz_mnemonics_name (GTK_WIDGET (self));
  rows[0] = self->channels_row;
  rows[1] = self->classes_row;
  rows[2] = self->title_row;
  rows[3] = self->low_row;
  rows[4] = self->high_row;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    name_text (rows[i]);
  viz_scrolled_text_mend (self->caption_view);
  g_signal_connect_swapped (gtk_text_view_get_buffer (self->caption_view), "changed", G_CALLBACK (on_caption),
                            self);
}

GtkWidget *
viz_export_dialog_new (GtkWindow *parent, VizDocument *document, VizJobs *jobs, GSettings *settings)
{
  VizExportDialog *self = g_object_new (VIZ_TYPE_EXPORT_DIALOG, "transient-for", parent, NULL);

  self->document = g_object_ref (document);
  self->jobs = g_object_ref (jobs);
  self->settings = settings != NULL ? g_object_ref (settings) : NULL;
  self->base = viz_jobs_new_view_recipe (jobs);
  load (self);
  fill_range (self);
  self->updating = FALSE;
  g_signal_connect (jobs, "previewed", G_CALLBACK (on_previewed), self);
  g_signal_connect (jobs, "saved", G_CALLBACK (on_saved), self);
  g_signal_connect (document, "error", G_CALLBACK (on_error), self);
  show_rows (self);
  ask_preview (self, PREVIEW_PIXELS);
  return GTK_WIDGET (self);
}
