/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An evaluation as lists and tables. */
#define G_LOG_DOMAIN "cnn"
#include "config.h"

#include "cnn-evaluate.h"

#include <json-glib/json-glib.h>
#include <string.h>

double
cnn_evaluation_get_accuracy (const CnnEvaluation *self)
{
  guint n = self->n_right + self->n_wrong;

  return n > 0 ? (double)self->n_right / n : 0;
}

typedef struct {
  const CnnEvaluation *evaluation;
  CnnEvaluationSort sort;
} Order;

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const Order *order = data;
  const CnnJudgement *x = &g_array_index (order->evaluation->judgements, CnnJudgement, *(const guint *)a);
  const CnnJudgement *y = &g_array_index (order->evaluation->judgements, CnnJudgement, *(const guint *)b);
  float one = order->sort == CNN_SORT_LOSS ? x->loss : x->confidence;
  float two = order->sort == CNN_SORT_LOSS ? y->loss : y->confidence;

  if (order->sort != CNN_SORT_FILE && one != two)
    return one < two ? 1 : -1;
  return x->item < y->item ? -1 : x->item > y->item;
}

GArray *
cnn_evaluation_list (const CnnEvaluation *self, CnnEvaluationShow show, CnnEvaluationSort sort,
                     int class_index)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint));
  Order order = { self, sort };

  for (guint i = 0; i < self->judgements->len; i++) {
    const CnnJudgement *judgement = &g_array_index (self->judgements, CnnJudgement, i);
    gboolean right = judgement->predicted == judgement->truth;

    if (judgement->failed && show != CNN_SHOW_ALL)
      continue;
    if (show != CNN_SHOW_ALL && right != (show == CNN_SHOW_RIGHT))
      continue;
    if (class_index >= 0 && judgement->truth != class_index && judgement->predicted != class_index)
      continue;
    g_array_append_val (list, i);
  }
  g_array_sort_with_data (list, compare, &order);
  return list;
}

GArray *
cnn_evaluation_list_cell (const CnnEvaluation *self, CnnEvaluationSort sort, int truth, int predicted)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint));
  Order order = { self, sort };

  for (guint i = 0; i < self->judgements->len; i++) {
    const CnnJudgement *judgement = &g_array_index (self->judgements, CnnJudgement, i);

    if (!judgement->failed && judgement->truth == truth && judgement->predicted == predicted)
      g_array_append_val (list, i);
  }
  g_array_sort_with_data (list, compare, &order);
  return list;
}

static int
compare_confusions (gconstpointer a, gconstpointer b)
{
  const CnnConfusion *x = a, *y = b;

  if (x->count != y->count)
    return x->count < y->count ? 1 : -1;
  return x->truth != y->truth ? x->truth - y->truth : x->predicted - y->predicted;
}

GArray *
cnn_evaluation_confusions (const CnnEvaluation *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  GArray *confusions = g_array_new (FALSE, FALSE, sizeof (CnnConfusion));

  for (guint i = 0; i < self->judgements->len; i++) {
    const CnnJudgement *judgement = &g_array_index (self->judgements, CnnJudgement, i);
    gint64 key = (gint64)judgement->truth << 32 | (guint32)judgement->predicted;
    gpointer at;

    if (judgement->failed || judgement->truth == judgement->predicted)
      continue;
    if (g_hash_table_lookup_extended (seen, &key, NULL, &at)) {
      g_array_index (confusions, CnnConfusion, GPOINTER_TO_UINT (at)).count++;
    } else {
      CnnConfusion confusion = { judgement->truth, judgement->predicted, 1 };

      g_hash_table_insert (seen, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (confusions->len));
      g_array_append_val (confusions, confusion);
    }
  }
  g_array_sort (confusions, compare_confusions);
  return confusions;
}

static const char *
name_of (const CnnEvaluation *self, int class_index)
{
  return class_index >= 0 ? cnn_truth_get_name (self->truth, self->model, class_index) : "";
}

static void
add_cell (GString *text, const char *cell)
{
  g_autofree char *valid = g_utf8_make_valid (cell, -1);
  g_autoptr (GString) quoted = g_string_new (valid);

  g_string_replace (quoted, "\"", "\"\"", 0);
  g_string_append_printf (text, "\"%s\",", quoted->str);
}

static void
add_number (GString *text, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, "%s,", g_ascii_formatd (buffer, sizeof buffer, "%.6g", value));
}

char *
cnn_evaluation_to_csv (const CnnEvaluation *self)
{
  GString *text = g_string_new ("file,true,predicted,confidence,true_probability,loss,right\n");

  for (guint i = 0; i < self->judgements->len; i++) {
    const CnnJudgement *judgement = &g_array_index (self->judgements, CnnJudgement, i);

    add_cell (text, ((CnnTruthItem *)self->truth->items->pdata[judgement->item])->path);
    add_cell (text, name_of (self, judgement->truth));
    if (judgement->failed) {
      g_string_append (text, "\"\",,,,unreadable\n");
      continue;
    }
    add_cell (text, name_of (self, judgement->predicted));
    add_number (text, (double)judgement->confidence);
    add_number (text, (double)judgement->truth_probability);
    add_number (text, (double)judgement->loss);
    g_string_append (text, judgement->predicted == judgement->truth ? "yes\n" : "no\n");
  }
  return g_string_free (text, FALSE);
}

static void
add_member (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, valid);
}

static void
add_classes (JsonBuilder *builder, const CnnEvaluation *self)
{
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < cnn_model_get_n_classes (self->model); i++) {
    if (self->class_total[i] == 0)
      continue;
    json_builder_begin_object (builder);
    add_member (builder, "class", i);
    add_text (builder, "label", name_of (self, (int)i));
    add_member (builder, "total", self->class_total[i]);
    add_member (builder, "right", self->class_right[i]);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_confusions (JsonBuilder *builder, const CnnEvaluation *self)
{
  g_autoptr (GArray) confusions = cnn_evaluation_confusions (self);

  json_builder_set_member_name (builder, "confusions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < confusions->len; i++) {
    const CnnConfusion *confusion = &g_array_index (confusions, CnnConfusion, i);

    json_builder_begin_object (builder);
    add_text (builder, "true", name_of (self, confusion->truth));
    add_text (builder, "predicted", name_of (self, confusion->predicted));
    add_member (builder, "count", confusion->count);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_mistakes (JsonBuilder *builder, const CnnEvaluation *self)
{
  g_autoptr (GArray) list = cnn_evaluation_list (self, CNN_SHOW_MISTAKES, CNN_SORT_CONFIDENCE, -1);

  json_builder_set_member_name (builder, "mistakes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++) {
    const CnnJudgement *judgement =
        &g_array_index (self->judgements, CnnJudgement, g_array_index (list, guint, i));

    json_builder_begin_object (builder);
    add_text (builder, "file", ((CnnTruthItem *)self->truth->items->pdata[judgement->item])->path);
    add_text (builder, "true", name_of (self, judgement->truth));
    add_text (builder, "predicted", name_of (self, judgement->predicted));
    json_builder_set_member_name (builder, "confidence");
    json_builder_add_double_value (builder, (double)judgement->confidence);
    json_builder_set_member_name (builder, "true_probability");
    json_builder_add_double_value (builder, (double)judgement->truth_probability);
    json_builder_set_member_name (builder, "loss");
    json_builder_add_double_value (builder, (double)judgement->loss);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

char *
cnn_evaluation_to_json (const CnnEvaluation *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_text (builder, "model",
            cnn_model_get_path (self->model) != NULL ? cnn_model_get_path (self->model) : "");
  add_text (builder, "truth", self->truth->path);
  add_member (builder, "total", self->n_right + self->n_wrong);
  add_member (builder, "right", self->n_right);
  add_member (builder, "unreadable", self->n_failed);
  json_builder_set_member_name (builder, "accuracy");
  json_builder_add_double_value (builder, cnn_evaluation_get_accuracy (self));
  add_classes (builder, self);
  add_confusions (builder, self);
  add_mistakes (builder, self);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_data (generator, NULL);
}
