/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The architecture as a table, in the form of Keras' model.summary(). */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-layer-cost.h"
#include "methods/cnn-method.h"
#include "cnn-summary-table.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

/* Column ends of Keras 2: a plain chain, and with "Connected to". Keras cuts what is longer; here columns
 * grow. */
static const guint chain_ends[] = { 29, 55, 65 };
static const guint branch_ends[] = { 33, 55, 67, 98 };

static char *
with_commas (guint64 n)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  GString *text = g_string_new (NULL);
  gsize length = strlen (digits);

  for (gsize i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0)
      g_string_append_c (text, ',');
    g_string_append_c (text, digits[i]);
  }
  return g_string_free (text, FALSE);
}

static char *
output_shape (CnnModel *model, const CnnLayer *layer)
{
  CnnShape shape;

  if (layer->output == CNN_NO_VALUE || !cnn_model_get_value (model, layer->output)->known)
    return g_strdup ("?");
  cnn_model_get_framework_shape (model, layer->output, &shape);
  return cnn_shape_to_keras (&shape);
}

/* A chain: each layer is fed by the one before it and by nothing else. */
static gboolean
is_chain (CnnModel *model)
{
  for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
    const GArray *inbound = cnn_model_get_layer (model, i)->inbound;

    if (inbound->len > 1 || (inbound->len == 1 && g_array_index (inbound, guint, 0) + 1 != i))
      return FALSE;
  }
  return TRUE;
}

static void
add_cells (GString *text, const char *const *cells, const guint *ends, guint n)
{
  gsize start = text->len;

  for (guint i = 0; i < n; i++) {
    g_string_append (text, cells[i]);
    for (glong have = g_utf8_strlen (text->str + start, -1); have < (glong)ends[i]; have++)
      g_string_append_c (text, ' ');
  }
  while (text->len > start && text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);
  g_string_append_c (text, '\n');
}

/* Moves the ends of the columns so that @cells fit with a space between. */
static void
widen (guint *ends, const char *const *cells, guint n)
{
  for (guint i = 0; i < n; i++) {
    guint width = ends[i] - (i > 0 ? ends[i - 1] : 0), need = (guint)g_utf8_strlen (cells[i], -1) + 1;

    for (guint k = i; k < n && need > width; k++)
      ends[k] += need - width;
  }
}

static void
add_rule (GString *text, char mark, guint width)
{
  for (guint i = 0; i < width; i++)
    g_string_append_c (text, mark);
  g_string_append_c (text, '\n');
}

/* The cells of a layer; name, shape and parameters are (transfer full). */
static void
make_cells (CnnModel *model, const CnnLayer *layer, char *cells[4])
{
  cells[0] = g_strdup_printf ("%s (%s)", layer->name, layer->type);
  cells[1] = output_shape (model, layer);
  cells[2] = with_commas (layer->trainable_params + layer->non_trainable_params);
  cells[3] = layer->inbound->len > 0
                 ? g_strdup (cnn_model_get_layer (model, g_array_index (layer->inbound, guint, 0))->name)
                 : g_strdup ("");
}

static void
clear_cells (char *cells[4])
{
  for (guint i = 0; i < 4; i++)
    g_free (cells[i]);
}

static void
add_layer (GString *text, CnnModel *model, guint index, const guint *ends, guint n_columns)
{
  const CnnLayer *layer = cnn_model_get_layer (model, index);
  char *cells[4];

  make_cells (model, layer, cells);
  add_cells (text, (const char *const *)cells, ends, n_columns);
  clear_cells (cells);
  for (guint i = 1; i < layer->inbound->len && n_columns == 4; i++) {
    const char *more[] = { "", "", "",
                           cnn_model_get_layer (model, g_array_index (layer->inbound, guint, i))->name };

    add_cells (text, more, ends, n_columns);
  }
}

/* Where the columns end; the last is the width of the table. */
static void
find_ends (CnnModel *model, guint n_columns, guint *ends)
{
  memcpy (ends, n_columns == 3 ? chain_ends : branch_ends, n_columns * sizeof *ends);
  for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
    char *cells[4];

    make_cells (model, cnn_model_get_layer (model, i), cells);
    widen (ends, (const char *const *)cells, n_columns);
    clear_cells (cells);
  }
}

char *
cnn_summary_text (CnnModel *model)
{
  static const char *const header[] = { "Layer (type)", "Output Shape", "Param #", "Connected to" };
  guint n_columns = is_chain (model) ? 3 : 4, n = cnn_model_get_n_layers (model), ends[4], width;
  GString *text = g_string_new (NULL);
  guint64 trainable = cnn_model_get_trainable_params (model),
          fixed = cnn_model_get_non_trainable_params (model);
  g_autofree char *total_text = with_commas (trainable + fixed), *trainable_text = with_commas (trainable);
  g_autofree char *fixed_text = with_commas (fixed);

  find_ends (model, n_columns, ends);
  width = ends[n_columns - 1];
  add_rule (text, '_', width);
  add_cells (text, header, ends, n_columns);
  add_rule (text, '=', width);
  for (guint i = 0; i < n; i++) {
    add_layer (text, model, i, ends, n_columns);
    add_rule (text, i + 1 < n ? '_' : '=', width);
  }
  g_string_append_printf (text, "Total params: %s\nTrainable params: %s\nNon-trainable params: %s\n",
                          total_text, trainable_text, fixed_text);
  add_rule (text, '_', width);
  return g_string_free (text, FALSE);
}

/* Three lines above the first layer; a layer takes one for each that feeds it, and a rule. */
guint *
cnn_summary_lines (CnnModel *model)
{
  guint n = cnn_model_get_n_layers (model), line = 3;
  guint *lines = g_new (guint, n + 1);
  gboolean chain = is_chain (model);

  for (guint i = 0; i < n; i++) {
    lines[i] = line;
    line += chain ? 2 : MAX (cnn_model_get_layer (model, i)->inbound->len, 1) + 1;
  }
  return lines;
}

static void
add_csv_cell (GString *text, const char *cell, const char *end)
{
  g_auto (GStrv) parts = g_strsplit (cell, "\"", -1);
  g_autofree char *quoted = g_strjoinv ("\"\"", parts);

  g_string_append_printf (text, "\"%s\"%s", quoted, end);
}

static char *
inbound_names (CnnModel *model, const CnnLayer *layer)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < layer->inbound->len; i++)
    g_string_append_printf (text, "%s%s", i ? " " : "",
                            cnn_model_get_layer (model, g_array_index (layer->inbound, guint, i))->name);
  return g_string_free (text, FALSE);
}

char *
cnn_summary_csv (CnnModel *model)
{
  GString *text = g_string_new (
      "name,type,output_shape,trainable_params,non_trainable_params,multiply_adds,output_bytes,weight_bytes,"
      "connected_to\n");

  for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
    const CnnLayer *layer = cnn_model_get_layer (model, i);
    g_autofree char *shape = output_shape (model, layer), *from = inbound_names (model, layer);

    add_csv_cell (text, layer->name, ",");
    add_csv_cell (text, layer->type, ",");
    add_csv_cell (text, shape, ",");
    g_string_append_printf (text,
                            "%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT
                            ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",",
                            layer->trainable_params, layer->non_trainable_params, layer->multiply_adds,
                            cnn_layer_output_bytes (model, i), cnn_layer_weight_bytes (model, i));
    add_csv_cell (text, from, "\n");
  }
  return g_string_free (text, FALSE);
}

static void
add_sum (GPtrArray *cells, const char *name, guint64 n, guint n_columns)
{
  g_ptr_array_add (cells, g_strdup (name));
  g_ptr_array_add (cells, g_strdup (""));
  g_ptr_array_add (cells, g_strdup (""));
  g_ptr_array_add (cells, with_commas (n));
  if (n_columns > 4)
    g_ptr_array_add (cells, g_strdup (""));
}

GPtrArray *
cnn_summary_cells (CnnModel *model, guint *n_columns)
{
  GPtrArray *cells = g_ptr_array_new_with_free_func (g_free);
  guint64 trainable = cnn_model_get_trainable_params (model),
          fixed = cnn_model_get_non_trainable_params (model);

  *n_columns = is_chain (model) ? 4 : 5;
  for (guint i = 0; i < cnn_model_get_n_layers (model); i++) {
    const CnnLayer *layer = cnn_model_get_layer (model, i);

    g_ptr_array_add (cells, g_strdup (layer->name));
    g_ptr_array_add (cells, g_strdup (layer->type));
    g_ptr_array_add (cells, output_shape (model, layer));
    g_ptr_array_add (cells, with_commas (layer->trainable_params + layer->non_trainable_params));
    if (*n_columns > 4)
      g_ptr_array_add (cells, inbound_names (model, layer));
  }
  add_sum (cells, _ ("Total"), trainable + fixed, *n_columns);
  add_sum (cells, _ ("Trainable"), trainable, *n_columns);
  add_sum (cells, _ ("Not trainable"), fixed, *n_columns);
  return cells;
}

static void
add_json_count (JsonBuilder *builder, const char *name, guint64 count)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)count);
}

static void
add_json_layer (JsonBuilder *builder, CnnModel *model, guint index)
{
  const CnnLayer *layer = cnn_model_get_layer (model, index);
  CnnShape shape = { 0 };

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, layer->name);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, layer->type);
  json_builder_set_member_name (builder, "output_shape");
  json_builder_begin_array (builder);
  if (layer->output != CNN_NO_VALUE && cnn_model_get_value (model, layer->output)->known)
    cnn_model_get_framework_shape (model, layer->output, &shape);
  for (guint i = 0; i < shape.rank; i++) {
    if (i == 0)
      json_builder_add_null_value (builder);
    else
      json_builder_add_int_value (builder, shape.dims[i]);
  }
  json_builder_end_array (builder);
  add_json_count (builder, "params", layer->trainable_params + layer->non_trainable_params);
  add_json_count (builder, "trainable_params", layer->trainable_params);
  add_json_count (builder, "non_trainable_params", layer->non_trainable_params);
  add_json_count (builder, "multiply_adds", layer->multiply_adds);
  add_json_count (builder, "output_bytes", cnn_layer_output_bytes (model, index));
  add_json_count (builder, "weight_bytes", cnn_layer_weight_bytes (model, index));
  json_builder_set_member_name (builder, "connected_to");
  json_builder_begin_array (builder);
  for (guint i = 0; i < layer->inbound->len; i++)
    json_builder_add_string_value (
        builder, cnn_model_get_layer (model, g_array_index (layer->inbound, guint, i))->name);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

char *
cnn_summary_json (CnnModel *model)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  guint64 trainable = cnn_model_get_trainable_params (model),
          fixed = cnn_model_get_non_trainable_params (model);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "model");
  json_builder_add_string_value (builder, cnn_model_get_name (model));
  json_builder_set_member_name (builder, "format");
  json_builder_add_string_value (builder, cnn_model_get_format (model));
  json_builder_set_member_name (builder, "layers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < cnn_model_get_n_layers (model); i++)
    add_json_layer (builder, model, i);
  json_builder_end_array (builder);
  add_json_count (builder, "total_params", trainable + fixed);
  add_json_count (builder, "trainable_params", trainable);
  add_json_count (builder, "non_trainable_params", fixed);
  add_json_count (builder, "weight_bytes", (trainable + fixed) * sizeof (float));
  add_json_count (builder, "multiply_adds", cnn_model_multiply_adds (model));
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_data (generator, NULL);
}
