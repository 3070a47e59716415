/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-model-setup.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/cnn-model-reader.h"
#include "image/cnn-npy.h"

static char *
dup_said (const char *text)
{
  return text != NULL && text[0] != '\0' ? g_strdup (text) : NULL;
}

void
cnn_model_setup_copy (CnnModelSetup *to, const CnnModelSetup *from)
{
  CnnModelSetup copy = { dup_said (from->labels), dup_said (from->output), dup_said (from->size),
                         dup_said (from->inputs), dup_said (from->rotate) };

  cnn_model_setup_clear (to);
  *to = copy;
}

void
cnn_model_setup_clear (CnnModelSetup *self)
{
  g_clear_pointer (&self->labels, g_free);
  g_clear_pointer (&self->output, g_free);
  g_clear_pointer (&self->size, g_free);
  g_clear_pointer (&self->inputs, g_free);
  g_clear_pointer (&self->rotate, g_free);
}

static gboolean
same_text (const char *a, const char *b)
{
  return g_str_equal (a != NULL ? a : "", b != NULL ? b : "");
}

gboolean
cnn_model_setup_equal (const CnnModelSetup *a, const CnnModelSetup *b)
{
  return same_text (a->labels, b->labels) && same_text (a->output, b->output) &&
         same_text (a->size, b->size) && same_text (a->inputs, b->inputs) && same_text (a->rotate, b->rotate);
}

/* outputs */

const char *
cnn_model_output_name (CnnModel *model, guint output)
{
  guint value = cnn_model_get_output (model, output);
  const char *name = cnn_model_get_value (model, value)->name;

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++)
    if (cnn_model_get_layer (model, i)->output == value)
      return cnn_model_get_layer (model, i)->name;
  return name != NULL ? name : "";
}

int
cnn_model_find_output (CnnModel *model, const char *name)
{
  int value = cnn_model_find_value (model, name), layer = cnn_model_find_layer (model, name);

  for (guint i = 0; i < cnn_model_get_n_outputs (model); i++) {
    guint output = cnn_model_get_output (model, i);

    if ((int)output == value || (layer >= 0 && cnn_model_get_layer (model, (guint)layer)->output == output))
      return (int)i;
  }
  return -1;
}

static CnnModel *
with_output (CnnModel *model, const char *name, GError **error)
{
  int output = cnn_model_find_output (model, name);
  g_autoptr (GString) names = g_string_new (NULL);

  if (output >= 0)
    return cnn_model_with_output (model, (guint)output);
  for (guint i = 0; i < MIN (cnn_model_get_n_outputs (model), 16); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", cnn_model_output_name (model, i));
  g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” has no output “%s”; it has %s."),
               cnn_model_get_name (model), name, names->str);
  return NULL;
}

gboolean
cnn_model_setup_parse_size (const char *text, guint *width, guint *height)
{
  char end;

  return strchr (text, '-') == NULL && sscanf (text, "%ux%u%c", width, height, &end) == 2;
}

static CnnModel *
with_size (CnnModel *model, const char *size, GError **error)
{
  guint width, height;

  if (!cnn_model_setup_parse_size (size, &width, &height)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT, _ ("“%s” is no size like 224x224."), size);
    return NULL;
  }
  return cnn_model_with_image_size (model, height, width, error);
}

static CnnModel *
with_labels (CnnModel *model, const char *path, GError **error)
{
  g_auto (GStrv) labels = cnn_labels_read (path, error);
  g_autofree char *name = g_path_get_basename (path);

  if (labels == NULL)
    return NULL;
  if (g_strv_length (labels) != cnn_model_get_n_classes (model)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("%s: %u names, but the network has %u classes."), path,
                 g_strv_length (labels), cnn_model_get_n_classes (model));
    return NULL;
  }
  return cnn_model_with_labels (model, (const char *const *)labels, name);
}

/* other inputs */

static int
find_input (CnnModel *model, const char *name)
{
  for (guint i = 0; i < cnn_model_get_n_inputs (model); i++)
    if (g_strcmp0 (cnn_model_get_value (model, cnn_model_get_input (model, i)->value)->name, name) == 0)
      return (int)i;
  return -1;
}

/* The numbers of an array in the input's own shape, with or without the batch axis. (transfer full) */
static float *
read_array (CnnModel *model, guint value, const char *path, GError **error)
{
  gint64 dims[CNN_NPY_MAX_RANK];
  guint rank, skip;
  g_autofree float *values = cnn_npy_read (path, dims, &rank, error);
  g_autofree char *wanted = NULL;
  CnnShape shape;
  gboolean fits;
  float *out;

  if (values == NULL)
    return NULL;
  cnn_model_get_framework_shape (model, value, &shape);
  skip = shape.rank - MIN (rank, shape.rank);
  fits = skip <= 1 && rank <= shape.rank;
  for (guint i = skip; fits && i < shape.rank; i++)
    fits = dims[i - skip] == shape.dims[i];
  if (!fits) {
    wanted = cnn_shape_to_string (&shape);
    g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT, _ ("%s does not have the input's shape %s."), path,
                 wanted);
    return NULL;
  }
  out = g_new (float, MAX (cnn_shape_size (&shape), 1));
  cnn_model_from_framework (model, value, 1, values, out);
  return out;
}

/* One "NAME=NUMBER" or "NAME=PATH.npy". */
static CnnModel *
with_input (CnnModel *model, const char *line, GError **error)
{
  const char *text = strchr (line, '=');
  g_autofree char *name = text != NULL ? g_strndup (line, (gsize)(text - line)) : g_strdup (line);
  int input = find_input (model, name);
  guint value;
  g_autofree float *numbers = NULL;
  char *end;
  double number;
  gsize n;

  if (text == NULL || input < 0 || input == cnn_model_get_image_input (model)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 text == NULL ? _ ("“%s” is no input like NAME=NUMBER or NAME=FILE.npy.")
                 : input < 0  ? _ ("The network has no input “%s”.")
                              : _ ("The input “%s” is the picture's."),
                 name);
    return NULL;
  }
  value = cnn_model_get_input (model, (guint)input)->value;
  n = cnn_shape_size (&cnn_model_get_value (model, value)->shape);
  number = g_ascii_strtod (++text, &end);
  if (g_str_has_suffix (text, ".npy")) {
    numbers = read_array (model, value, text, error);
  } else if (end != text && *end == '\0' && isfinite (number) && fabs (number) <= FLT_MAX) {
    numbers = g_new (float, MAX (n, 1));
    for (gsize i = 0; i < n; i++)
      numbers[i] = (float)number;
  } else {
    g_set_error (error, CNN_ERROR, CNN_ERROR_ARGUMENT,
                 _ ("“%s” is neither a number nor a .npy file for the input “%s”."), text, name);
  }
  return numbers != NULL ? cnn_model_with_input (model, (guint)input, numbers) : NULL;
}

static gboolean
said (const char *text)
{
  return text != NULL && text[0] != '\0';
}

CnnModel *
cnn_model_set_up (CnnModel *base, const CnnModelSetup *self, GError **error)
{
  g_autoptr (CnnModel) model = g_object_ref (base);
  g_auto (GStrv) inputs = g_strsplit (said (self->inputs) ? self->inputs : "", "\n", -1);

  if (said (self->size) && !cnn_model_replace (&model, with_size (model, self->size, error)))
    return NULL;
  if (said (self->output) && !cnn_model_replace (&model, with_output (model, self->output, error)))
    return NULL;
  for (guint i = 0; inputs[i] != NULL; i++)
    if (inputs[i][0] != '\0' && !cnn_model_replace (&model, with_input (model, inputs[i], error)))
      return NULL;
  if (said (self->labels) && !cnn_model_replace (&model, with_labels (model, self->labels, error)))
    return NULL;
  return g_steal_pointer (&model);
}

/* sizes that suit a picture */

#define MAX_CLASSIFIED 224
#define MAX_MAPPED 512

/* Whether the output that counts is a map rather than a row of numbers. */
static gboolean
gives_map (CnnModel *model)
{
  const CnnValue *output = cnn_model_get_value (model, cnn_model_get_selected_output (model));
  gsize pixels = 1;

  for (guint i = 2; output->known && i < output->shape.rank; i++)
    pixels *= (gsize)MAX (output->shape.dims[i], 1);
  return pixels > 1;
}

char *
cnn_model_size_in_use (CnnModel *model, const char *size)
{
  guint channels, height, width;

  if (model == NULL || !cnn_model_has_free_size (model))
    return g_strdup (size);
  cnn_model_get_image_size (model, &channels, &height, &width);
  return g_strdup_printf ("%ux%u", width, height);
}

char *
cnn_model_suited_size (CnnModel *model, guint width, guint height)
{
  const CnnInputInfo *input;
  gint64 w, h;
  double factor;

  if (!cnn_model_has_free_size (model) || width < 1 || height < 1)
    return NULL;
  input = cnn_model_get_input (model, (guint)cnn_model_get_image_input (model));
  w = input->shape.dims[input->width_axis];
  h = input->shape.dims[input->height_axis];
  factor = gives_map (model) ? (double)MAX_MAPPED / MAX (width, height)
                             : (double)MAX_CLASSIFIED / MIN (width, height);
  if (w > 0 || h > 0)
    factor = w > 0 ? (double)w / width : (double)h / height;
  else
    factor = MIN (factor, 1);
  if (w < 0)
    w = CLAMP (llround (width * factor), 1, 4 * MAX_MAPPED);
  if (h < 0)
    h = CLAMP (llround (height * factor), 1, 4 * MAX_MAPPED);
  return g_strdup_printf ("%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, w, h);
}

CnnModel *
cnn_model_set_up_suited (CnnModel *model, const CnnModelSetup *self, const char *size, GError **error)
{
  CnnModelSetup setup = *self;
  g_autofree char *whole = NULL;
  guint width, height;
  CnnModel *found;

  if (said (self->size) || size == NULL || !cnn_model_setup_parse_size (size, &width, &height))
    return cnn_model_set_up (model, self, error);
  whole = g_strdup_printf ("%ux%u", (width + 31) / 32 * 32, (height + 31) / 32 * 32);
  setup.size = (char *)size;
  found = cnn_model_set_up (model, &setup, NULL);
  setup.size = whole;
  if (found == NULL)
    found = cnn_model_set_up (model, &setup, NULL);
  return found != NULL ? found : cnn_model_set_up (model, self, error);
}

char *
cnn_model_setup_input (const char *inputs, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (inputs != NULL ? inputs : "", "\n", -1);
  gsize length = strlen (name);

  for (guint i = 0; lines[i] != NULL; i++)
    if (strncmp (lines[i], name, length) == 0 && lines[i][length] == '=')
      return g_strdup (lines[i] + length + 1);
  return NULL;
}

char *
cnn_model_setup_replace_input (const char *inputs, const char *name, const char *value)
{
  g_auto (GStrv) lines = g_strsplit (inputs != NULL ? inputs : "", "\n", -1);
  g_autofree char *line = said (value) ? g_strconcat (name, "=", value, NULL) : NULL;
  GString *text = g_string_new (NULL);
  gsize length = strlen (name);

  for (guint i = 0; lines[i] != NULL; i++) {
    gboolean same = strncmp (lines[i], name, length) == 0 && lines[i][length] == '=';
    const char *kept = same ? line : lines[i];

    if (kept != NULL && kept[0] != '\0')
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", kept);
    if (same)
      g_clear_pointer (&line, g_free);
  }
  if (line != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", line);
  return g_string_free (text, FALSE);
}

void
cnn_model_setup_each_file (char **inputs, CnnModelSetupFileFunc func, gpointer user_data)
{
  g_auto (GStrv) lines = g_strsplit (*inputs != NULL ? *inputs : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++) {
    const char *equals = strchr (lines[i], '=');
    g_autofree char *line = lines[i], *path = NULL;

    if (equals == NULL || !g_str_has_suffix (equals, ".npy")) {
      g_steal_pointer (&line);
      continue;
    }
    path = g_strdup (equals + 1);
    func (&path, user_data);
    lines[i] = g_strdup_printf ("%.*s=%s", (int)(equals - line), line, path);
  }
  if (*inputs == NULL)
    return;
  g_free (*inputs);
  *inputs = g_strjoinv ("\n", lines);
}
