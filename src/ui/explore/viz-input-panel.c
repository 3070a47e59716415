/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-input-panel.h"
#include "widgets/viz-drop-down.h"
#include "widgets/viz-entry.h"
#include "widgets/viz-expander.h"
#include "widgets/viz-template.h"

#include <glib/gi18n.h>

#include "image/cnn-image-array.h"
#include "methods/session/cnn-array-input.h"

#include "viz-other-inputs.h"

struct _VizInputPanel {
  GtkWidget parent;
  GtkDropDown *scaling;
  GtkEntry *scale, *mean, *std;
  GtkDropDown *fit;
  GtkEntry *size;
  GtkDropDown *output;
  GtkDropDown *show;
  GtkLabel *labels_source;
  GtkGrid *others;
  GtkSizeGroup *label_widths;
  GtkDropDown *order;
  GtkCheckButton *invert;
  GtkCheckButton *turn;
  GtkLabel *reason;
  GtkLabel *channels_note;
  GtkWidget *more;
  GtkWidget *scale_label, *mean_label, *std_label, *size_label, *output_label, *order_label;
  VizDocument *document;
  CnnModel *model; /* whose outputs and channels are listed */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (VizInputPanel, viz_input_panel, GTK_TYPE_WIDGET)

static const struct {
  CnnPreprocessKind kind;
  const char *title;
} scalings[] = {
  { CNN_PREPROCESS_UNIT, N_ ("0 to 1") },
  { CNN_PREPROCESS_SIGNED, N_ ("-1 to 1") },
  { CNN_PREPROCESS_IMAGENET, N_ ("ImageNet mean and deviation") },
  { CNN_PREPROCESS_CAFFE, N_ ("BGR less the mean (Caffe)") },
  { CNN_PREPROCESS_NONE, N_ ("0 to 255") },
  { CNN_PREPROCESS_UNKNOWN, N_ ("Own values") },
};

static const CnnPreprocess *
preprocess_of (VizInputPanel *self)
{
  return &viz_document_get_choices (self->document)->preprocess;
}

/* what was chosen */

static void
on_scaling (VizInputPanel *self)
{
  CnnPreprocess preprocess = *preprocess_of (self), chosen;
  guint scaling = gtk_drop_down_get_selected (self->scaling);

  if (self->updating || scaling >= G_N_ELEMENTS (scalings) || scalings[scaling].kind == preprocess.kind)
    return;
  /* own values begin with what they were */
  chosen = preprocess;
  if (scalings[scaling].kind != CNN_PREPROCESS_UNKNOWN) {
    cnn_preprocess_init (&chosen, scalings[scaling].kind);
    chosen.fit = preprocess.fit;
    chosen.invert = preprocess.invert;
    chosen.gray = preprocess.gray;
  }
  chosen.kind = scalings[scaling].kind;
  viz_document_set_preprocess (self->document, &chosen);
}

static void
on_chosen (VizInputPanel *self)
{
  CnnPreprocess preprocess = *preprocess_of (self);
  guint order = gtk_drop_down_get_selected (self->order);

  if (self->updating)
    return;
  preprocess.fit = (CnnFit)gtk_drop_down_get_selected (self->fit);
  preprocess.invert = gtk_check_button_get_active (self->invert);
  cnn_preprocess_set_order (&preprocess, order == 2 ? preprocess.bgr : order == 1, order == 2);
  viz_document_set_preprocess (self->document, &preprocess);
}

/* The entries as cnn_preprocess_parse() wants them; spaces and semicolons do no harm. */
static char *
entries_text (VizInputPanel *self)
{
  GtkEntry *entries[] = { self->scale, self->mean, self->std };
  static const char *const names[] = { "scale=", ",mean=", ",std=" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++) {
    g_autofree char *value = g_strdup (gtk_editable_get_text (GTK_EDITABLE (entries[i])));
    g_auto (GStrv) parts = g_strsplit_set (value, " ,;:", -1);

    g_string_append (text, names[i]);
    for (guint k = 0, n = 0; parts[k] != NULL; k++)
      if (parts[k][0] != '\0')
        g_string_append_printf (text, "%s%s", n++ > 0 ? ":" : "", parts[k]);
  }
  return g_string_free (text, FALSE);
}

static void
mark_entries (VizInputPanel *self, gboolean wrong)
{
  GtkEntry *entries[] = { self->scale, self->mean, self->std };

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    if (wrong)
      gtk_widget_add_css_class (GTK_WIDGET (entries[i]), "error");
    else
      gtk_widget_remove_css_class (GTK_WIDGET (entries[i]), "error");
}

static void
on_values (VizInputPanel *self)
{
  const CnnPreprocess *old = preprocess_of (self);
  CnnPreprocess preprocess = *old;
  g_autofree char *text = entries_text (self);
  gboolean good;

  if (self->updating || old->kind != CNN_PREPROCESS_UNKNOWN)
    return;
  good = cnn_preprocess_parse (&preprocess, text, NULL);
  mark_entries (self, !good);
  if (!good)
    return;
  preprocess.bgr = old->bgr;
  preprocess.gray = old->gray;
  preprocess.invert = old->invert;
  self->updating = TRUE; /* what is being typed stays as it is */
  viz_document_set_preprocess (self->document, &preprocess);
  self->updating = FALSE;
}

/* The size of a network that leaves it free: the chosen one, with a button to take it back, or that in use.
 */
static void
show_size (VizInputPanel *self)
{
  const char *chosen = viz_document_get_choices (self->document)->setup.size;
  gboolean free_size = self->model != NULL && cnn_model_has_free_size (self->model);
  guint channels, height = 0, width = 0;
  g_autofree char *size = NULL;

  if (self->model != NULL)
    cnn_model_get_image_size (self->model, &channels, &height, &width);
  size = chosen != NULL ? g_strdup (chosen) : g_strdup_printf ("%ux%u", width, height);
  viz_entry_show_text (GTK_EDITABLE (self->size), size);
  gtk_entry_set_icon_from_icon_name (self->size, GTK_ENTRY_ICON_SECONDARY,
                                     chosen != NULL ? "edit-clear-symbolic" : NULL);
  if (chosen != NULL)
    gtk_entry_set_icon_tooltip_text (self->size, GTK_ENTRY_ICON_SECONDARY,
                                     _ ("Let the size follow the picture"));
  gtk_widget_set_visible (GTK_WIDGET (self->size), free_size);
  gtk_widget_set_visible (self->size_label, free_size);
}

static gboolean
is_size (CnnModel *model, const char *size)
{
  guint channels, height, width, w, h;

  cnn_model_get_image_size (model, &channels, &height, &width);
  return cnn_model_setup_parse_size (size, &w, &h) && w == width && h == height;
}

static void
on_size (VizInputPanel *self)
{
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->size)));
  g_auto (GStrv) parts = g_strsplit (g_strstrip (text), "×", 2);
  g_autofree char *size = g_strjoinv ("x", parts);

  /* what is shown is no choice */
  if (self->updating || self->model == NULL || is_size (self->model, size))
    return;
  setup.size = size;
  viz_document_set_setup (self->document, &setup);
  if (size[0] == '\0')
    show_size (self);
}

static void
on_turn (VizInputPanel *self)
{
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;

  if (self->updating)
    return;
  setup.rotate = (char *)(gtk_check_button_get_active (self->turn) ? "yes" : "no");
  viz_document_set_setup (self->document, &setup);
}

static void
on_output (VizInputPanel *self)
{
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;
  guint output = gtk_drop_down_get_selected (self->output);

  if (self->updating || self->model == NULL || output >= cnn_model_get_n_outputs (self->model))
    return;
  setup.output = (char *)cnn_model_output_name (self->model, output);
  viz_document_set_setup (self->document, &setup);
}

static void
on_show (VizInputPanel *self)
{
  if (!self->updating)
    viz_document_set_tensor (self->document, (int)gtk_drop_down_get_selected (self->show) + CNN_TENSOR_OFF);
}

/* showing what is chosen */

static void
set_number_text (GtkEntry *entry, const double *values, guint n)
{
  GString *text = g_string_new (NULL);

  while (n > 1 && ABS (values[n - 1] - values[n - 2]) < 1e-12)
    n--; /* the last one counts for the rest */
  for (guint i = 0; i < n; i++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            g_ascii_formatd (number, sizeof number, "%.7g", values[i]));
  }
  viz_entry_show_text (GTK_EDITABLE (entry), text->str);
  g_string_free (text, TRUE);
}

/* What becomes of a picture's colours where that is not plain. */
static const char *
channels_text (guint channels)
{
  if (channels == 1)
    return _ ("The network has one channel: it gets gray.");
  if (channels == 2)
    return _ ("The network has two channels: it gets gray and opacity.");
  if (channels == 4)
    return _ ("The fourth channel gets the opacity.");
  return channels > 4 ? _ ("A picture has no more than four channels: its colours repeat.") : "";
}

static gboolean
is_array (VizInputPanel *self)
{
  CnnImage *image = viz_document_get_image (self->document);

  return image != NULL && cnn_image_get_array (image) != NULL;
}

/* What goes in of an array, and what is seen of it. */
static char *
array_text (VizInputPanel *self)
{
  const char *goes_in = _ ("The array goes in as it is: scaling and fit are for pictures.");
  const CnnImageArray *array = cnn_image_get_array (viz_document_get_image (self->document));
  guint channels = 0, height, width;
  g_autofree char *seen = NULL;

  if (self->model != NULL && cnn_array_match (self->model, array->dims, array->rank, NULL, NULL, NULL, NULL))
    cnn_model_get_image_size (self->model, &channels, &height, &width);
  if (channels == 2)
    seen = g_strdup (_ ("The canvas shows the first of its two channels; Show has the other."));
  else if (channels > 3)
    seen = g_strdup_printf (
        _ ("The canvas shows the first three of its %u channels as red, green and blue; Show has "
           "each of them."),
        channels);
  return g_strconcat (goes_in, seen != NULL ? " " : "", seen != NULL ? seen : "", NULL);
}

/* Why pictures go in as they do; @scaling: where their scaling comes from. */
static void
show_reason (VizInputPanel *self, const char *scaling)
{
  gboolean follows = self->model != NULL && cnn_model_has_free_size (self->model) &&
                     viz_document_get_choices (self->document)->setup.size == NULL;
  g_autofree char *array = is_array (self) ? array_text (self) : NULL;
  g_autofree char *text = g_strconcat (scaling, follows && scaling[0] != '\0' ? " " : "",
                                       follows ? _ ("The size follows the picture.") : "", NULL);

  gtk_label_set_text (self->reason, array != NULL ? array : text);
  gtk_widget_set_visible (GTK_WIDGET (self->reason), self->model != NULL && text[0] != '\0');
}

/* What does nothing to an array cannot be chosen. */
static void
show_sensitive (VizInputPanel *self)
{
  GtkWidget *widgets[] = { GTK_WIDGET (self->scaling), GTK_WIDGET (self->scale), GTK_WIDGET (self->mean),
                           GTK_WIDGET (self->std),     GTK_WIDGET (self->fit),   GTK_WIDGET (self->invert) };
  guint channels = 0, height, width;
  gboolean array = is_array (self);

  if (self->model != NULL)
    cnn_model_get_image_size (self->model, &channels, &height, &width);
  for (guint i = 0; i < G_N_ELEMENTS (widgets); i++)
    gtk_widget_set_sensitive (widgets[i], !array);
  gtk_widget_set_sensitive (GTK_WIDGET (self->order), channels >= 3 && !array);
  gtk_widget_set_sensitive (GTK_WIDGET (self->size), !array);
  gtk_widget_set_visible (GTK_WIDGET (self->channels_note), !array && channels_text (channels)[0] != '\0');
}

static void
show_preprocess (VizInputPanel *self)
{
  const VizChoices *choices = viz_document_get_choices (self->document);
  const CnnPreprocess *p = &choices->preprocess;
  gboolean own = p->kind == CNN_PREPROCESS_UNKNOWN, guessed = viz_document_is_guessed (self->document);
  GtkWidget *values[] = { GTK_WIDGET (self->scale), self->scale_label,      GTK_WIDGET (self->mean),
                          self->mean_label,         GTK_WIDGET (self->std), self->std_label };
  guint selected = 0;

  while (selected + 1 < G_N_ELEMENTS (scalings) && scalings[selected].kind != p->kind)
    selected++;
  gtk_drop_down_set_selected (self->scaling, selected);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    gtk_widget_set_visible (values[i], own);
  set_number_text (self->scale, &p->scale, 1);
  set_number_text (self->mean, p->mean, 4);
  set_number_text (self->std, p->std, 4);
  mark_entries (self, FALSE);
  gtk_drop_down_set_selected (self->fit, p->fit);
  gtk_drop_down_set_selected (self->order, p->gray ? 2 : p->bgr ? 1 : 0);
  gtk_check_button_set_active (self->invert, p->invert);
  show_reason (self, !guessed ? _ ("Chosen by you and remembered for this network.")
                     : choices->preprocess_reason != NULL ? choices->preprocess_reason
                                                          : "");
}

/* A list that says the same stays, as it may be open just now. */
static void
set_names (GtkDropDown *drop_down, GtkStringList *names)
{
  GListModel *old = gtk_drop_down_get_model (drop_down);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (names));
  gboolean same = GTK_IS_STRING_LIST (old) && g_list_model_get_n_items (old) == n;

  for (guint i = 0; same && i < n; i++)
    same = g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (old), i),
                        gtk_string_list_get_string (names, i));
  if (!same)
    gtk_drop_down_set_model (drop_down, G_LIST_MODEL (names));
}

static void
fill_outputs (VizInputPanel *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint n = self->model != NULL ? cnn_model_get_n_outputs (self->model) : 0, selected = 0;

  for (guint i = 0; i < n; i++) {
    gtk_string_list_append (names, cnn_model_output_name (self->model, i));
    if (cnn_model_get_output (self->model, i) == cnn_model_get_selected_output (self->model))
      selected = i;
  }
  set_names (self->output, names);
  gtk_drop_down_set_selected (self->output, selected);
  gtk_widget_set_visible (GTK_WIDGET (self->output), n > 1);
  gtk_widget_set_visible (self->output_label, n > 1);
}

/* The picture, the whole input, and each of a few channels. */
static void
fill_shows (VizInputPanel *self, guint channels)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_string_list_append (names, _ ("The picture"));
  gtk_string_list_append (names, _ ("What the network gets"));
  for (guint i = 0; i < channels; i++) {
    g_autofree char *name = g_strdup_printf (_ ("Its channel %u"), i + 1);

    gtk_string_list_append (names, name);
  }
  set_names (self->show, names);
}

/* Only files of Keras on Theano, or that do not say their backend, leave a choice. */
static void
show_turn (VizInputPanel *self)
{
  CnnKernelTurn turn =
      self->model != NULL ? cnn_model_get_kernel_turn (self->model) : CNN_KERNEL_TURN_NO_QUESTION;

  gtk_widget_set_visible (GTK_WIDGET (self->turn), turn != CNN_KERNEL_TURN_NO_QUESTION);
  gtk_check_button_set_active (self->turn, turn == CNN_KERNEL_TURN_TURNED);
}

static void
show_model (VizInputPanel *self)
{
  guint channels = 0, height = 0, width = 0;
  const char *source = self->model != NULL ? cnn_model_get_labels_source (self->model) : NULL;
  gboolean has_labels = self->model != NULL && cnn_model_has_labels (self->model);

  if (self->model != NULL)
    cnn_model_get_image_size (self->model, &channels, &height, &width);
  fill_outputs (self);
  fill_shows (self, channels);
  gtk_label_set_text (self->labels_source, source != NULL ? source
                                           : has_labels   ? _ ("From the network's file")
                                                          : _ ("Numbers"));
  gtk_label_set_text (self->channels_note, channels_text (channels));
}

static void
on_changed (VizDocument *document, guint what, VizInputPanel *self)
{
  const VizChoices *choices = viz_document_get_choices (document);

  if (!(what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE | VIZ_CHANGED_PREPROCESS | VIZ_CHANGED_SETUP |
                VIZ_CHANGED_TENSOR)) ||
      self->updating)
    return;
  self->updating = TRUE;
  if (what & VIZ_CHANGED_MODEL && g_set_object (&self->model, viz_document_get_model (document)))
    show_model (self);
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_SETUP)) {
    show_size (self);
    show_turn (self);
    viz_other_inputs_show (self->others, self->label_widths, document);
  }
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE | VIZ_CHANGED_PREPROCESS | VIZ_CHANGED_SETUP))
    show_preprocess (self);
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_IMAGE))
    show_sensitive (self);
  if (what & (VIZ_CHANGED_MODEL | VIZ_CHANGED_TENSOR))
    gtk_drop_down_set_selected (self->show, (guint)(choices->tensor - CNN_TENSOR_OFF));
  self->updating = FALSE;
}

static void
viz_input_panel_dispose (GObject *object)
{
  VizInputPanel *self = VIZ_INPUT_PANEL (object);

  self->updating = TRUE;
  viz_template_dispose_of (GTK_WIDGET (self), VIZ_TYPE_INPUT_PANEL, &self->document);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (viz_input_panel_parent_class)->dispose (object);
}

#define BIND(child) gtk_widget_class_bind_template_child (widget_class, VizInputPanel, child)

static void
viz_input_panel_class_init (VizInputPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = viz_input_panel_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/com/example/CnnViz/viz-input-panel.ui");
  BIND (scaling);
  BIND (scale);
  BIND (mean);
  BIND (std);
  BIND (fit);
  BIND (size);
  BIND (output);
  BIND (show);
  BIND (labels_source);
  BIND (others);
  BIND (label_widths);
  BIND (order);
  BIND (invert);
  BIND (turn);
  BIND (reason);
  BIND (channels_note);
  BIND (more);
  BIND (scale_label);
  BIND (mean_label);
  BIND (std_label);
  BIND (size_label);
  BIND (output_label);
  BIND (order_label);
}

static void
viz_input_panel_init (VizInputPanel *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  viz_expander_mend (GTK_EXPANDER (self->more));
  viz_entry_leave_undo (self->size);
  for (guint i = 0; i < G_N_ELEMENTS (scalings); i++)
    gtk_string_list_append (names, _ (scalings[i].title));
  gtk_drop_down_set_model (self->scaling, G_LIST_MODEL (names));
  viz_drop_down_shorten (self->scaling);
  viz_drop_down_shorten (self->fit);
  viz_drop_down_shorten (self->output);
  viz_drop_down_shorten (self->show);
  viz_drop_down_shorten (self->order);
}

/* Sizes are taken when they are whole: by Enter, or when the entry is left. */
static void
on_leave_size (GtkEventControllerFocus *focus, VizInputPanel *self)
{
  on_size (self);
}

static void
on_size_icon (VizInputPanel *self)
{
  CnnModelSetup setup = viz_document_get_choices (self->document)->setup;

  setup.size = NULL;
  viz_document_set_setup (self->document, &setup);
}

void
viz_input_panel_set_document (VizInputPanel *self, VizDocument *document)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_set_object (&self->document, document);
  g_signal_connect (document, "changed", G_CALLBACK (on_changed), self);
  on_changed (document, VIZ_CHANGED_ALL, self);
  g_signal_connect_swapped (self->scaling, "notify::selected", G_CALLBACK (on_scaling), self);
  g_signal_connect_swapped (self->fit, "notify::selected", G_CALLBACK (on_chosen), self);
  g_signal_connect_swapped (self->order, "notify::selected", G_CALLBACK (on_chosen), self);
  g_signal_connect_swapped (self->invert, "toggled", G_CALLBACK (on_chosen), self);
  g_signal_connect_swapped (self->turn, "toggled", G_CALLBACK (on_turn), self);
  g_signal_connect_swapped (self->scale, "changed", G_CALLBACK (on_values), self);
  g_signal_connect_swapped (self->mean, "changed", G_CALLBACK (on_values), self);
  g_signal_connect_swapped (self->std, "changed", G_CALLBACK (on_values), self);
  g_signal_connect_swapped (self->size, "activate", G_CALLBACK (on_size), self);
  g_signal_connect_swapped (self->size, "icon-press", G_CALLBACK (on_size_icon), self);
  g_signal_connect (focus, "leave", G_CALLBACK (on_leave_size), self);
  gtk_widget_add_controller (GTK_WIDGET (self->size), focus);
  g_signal_connect_swapped (self->output, "notify::selected", G_CALLBACK (on_output), self);
  g_signal_connect_swapped (self->show, "notify::selected", G_CALLBACK (on_show), self);
}
