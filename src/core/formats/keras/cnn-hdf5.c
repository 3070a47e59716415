/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cnn-keras-weights.h"

#include <glib/gi18n-lib.h>
#include <hdf5.h>
#include <string.h>

/* A deflated block cannot grow by more than this when it is inflated. */
#define MAX_EXPANSION 1100
#define MAX_NAMES (1u << 20)
#define MAX_CHUNK (256u << 20)

struct _CnnHdf5 {
  hid_t file;
  hsize_t base; /* where addresses in the file count from */
  GBytes *bytes;
  char *what;
};

static GMutex hdf5_mutex;

/*
 * A text of variable length is stored as a reference: its length, and where it lies. HDF5 would allocate
 * whatever length the file claims, so the references are read as they are (a conversion that leaves the bytes
 * alone), and followed with checks.
 */
typedef struct {
  guint8 length[4], address[8], index[4];
} Reference;

static herr_t
keep_bytes (hid_t from, hid_t to, H5T_cdata_t *data, size_t n, size_t stride, size_t background_stride,
            void *buffer, void *background, hid_t list)
{
  if (data->command == H5T_CONV_INIT) {
    data->need_bkg = H5T_BKG_NO;
    return H5Tget_size (to) == sizeof (Reference) ? 0 : -1;
  }
  return data->command == H5T_CONV_CONV && H5Tget_size (from) != sizeof (Reference) ? -1 : 0;
}

static void
register_conversion (void)
{
  hid_t text = H5Tcopy (H5T_C_S1), reference = H5Tcreate (H5T_OPAQUE, sizeof (Reference));
  H5Tset_size (text, H5T_VARIABLE);
  H5Tregister (H5T_PERS_SOFT, "cnnviz-references", text, reference, keep_bytes);
  H5Tclose (text);
  H5Tclose (reference);
}

void
cnn_hdf5_lock (void)
{
  static gboolean registered;
  g_mutex_lock (&hdf5_mutex);
  H5open ();
  H5Eset_auto2 (H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state (0); /* a file must not make us load code */
  if (!registered)
    register_conversion ();
  registered = TRUE;
}

void
cnn_hdf5_unlock (void)
{
  H5Eclear2 (H5E_DEFAULT);
  g_mutex_unlock (&hdf5_mutex);
}

/* The file image stays where it is: HDF5's copies are all the mapped file itself, which is only read. */
static void *
image_malloc (size_t size, H5FD_file_image_op_t op, void *data)
{
  return data;
}

static void *
image_memcpy (void *dest, const void *src, size_t size, H5FD_file_image_op_t op, void *data)
{
  return dest;
}

static void *
image_realloc (void *ptr, size_t size, H5FD_file_image_op_t op, void *data)
{
  return NULL;
}

static herr_t
image_free (void *ptr, H5FD_file_image_op_t op, void *data)
{
  return 0;
}

static void *
image_copy_data (void *data)
{
  return data;
}

static herr_t
image_free_data (void *data)
{
  return 0;
}

CnnHdf5 *
cnn_hdf5_open (GBytes *bytes, const char *what, GError **error)
{
  gsize size;
  gpointer data = (gpointer)g_bytes_get_data (bytes, &size);
  H5FD_file_image_callbacks_t callbacks = { image_malloc,    image_memcpy,    image_realloc, image_free,
                                            image_copy_data, image_free_data, data };
  hid_t access = H5Pcreate (H5P_FILE_ACCESS);
  hid_t file = H5I_INVALID_HID;
  if (size > 0 && H5Pset_fapl_core (access, 1 << 16, FALSE) >= 0 &&
      H5Pset_file_image_callbacks (access, &callbacks) >= 0 && H5Pset_file_image (access, data, size) >= 0)
    file = H5Fopen ("cnnviz-model", H5F_ACC_RDONLY, access);
  H5Pclose (access);
  if (file < 0) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_FILE,
                 _ ("%s is damaged: it starts as an HDF5 file but cannot be opened as one, perhaps because "
                    "it was cut off."),
                 what);
    return NULL;
  }
  CnnHdf5 *self = g_new0 (CnnHdf5, 1);
  self->file = file;
  hid_t list = H5Fget_create_plist (file);
  H5Pget_userblock (list, &self->base);
  H5Pclose (list);
  self->bytes = g_bytes_ref (bytes);
  self->what = g_strdup (what);
  return self;
}

void
cnn_hdf5_close (CnnHdf5 *self)
{
  if (self == NULL)
    return;
  H5Fclose (self->file);
  g_bytes_unref (self->bytes);
  g_free (self->what);
  g_free (self);
}

/* Opens the object at @path without following links out of the file. */
static hid_t
open_object (CnnHdf5 *self, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  hid_t here = H5Gopen2 (self->file, "/", H5P_DEFAULT);
  for (guint i = 0; here >= 0 && parts[i] != NULL; i++) {
    H5L_info_t info;
    hid_t next = H5I_INVALID_HID;
    if (*parts[i] == '\0')
      continue;
    if (H5Iget_type (here) == H5I_GROUP && H5Lget_info (here, parts[i], &info, H5P_DEFAULT) >= 0 &&
        info.type == H5L_TYPE_HARD)
      next = H5Oopen (here, parts[i], H5P_DEFAULT);
    H5Oclose (here);
    here = next;
  }
  return here;
}

gboolean
cnn_hdf5_has (CnnHdf5 *self, const char *path)
{
  hid_t object = open_object (self, path);
  if (object < 0)
    return FALSE;
  H5Oclose (object);
  return TRUE;
}

static guint64
little (const guint8 *bytes, guint n)
{
  guint64 value = 0;
  for (guint i = n; i > 0; i--)
    value = value << 8 | bytes[i - 1];
  return value;
}

/* Follows a reference into the file's global heap. NULL where it leads nowhere. */
static char *
follow (CnnHdf5 *self, const Reference *reference)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (self->bytes, &size);
  guint64 length = little (reference->length, 4), address = little (reference->address, 8) + self->base,
          index = little (reference->index, 4);
  if (length == 0)
    return g_strdup ("");
  if (address > size || size - address < 16 || memcmp (data + address, "GCOL", 4) != 0)
    return NULL;
  guint64 heap = little (data + address + 8, 8), at = 16;
  heap = MIN (heap, size - address);
  while (at + 16 <= heap) {
    const guint8 *object = data + address + at;
    guint64 object_size = little (object + 8, 8), left = heap - at - 16;
    if (little (object, 2) == index)
      return length <= object_size && object_size <= left ? g_strndup ((const char *)object + 16, length)
                                                          : NULL;
    if (object_size > left || little (object, 2) == 0)
      return NULL;
    at += 16 + (object_size + 7) / 8 * 8;
  }
  return NULL;
}

static gboolean
read_references (CnnHdf5 *self, hid_t attr, gsize n, GPtrArray *texts)
{
  if (n * sizeof (Reference) > g_bytes_get_size (self->bytes))
    return FALSE;
  g_autofree Reference *references = g_new0 (Reference, n + 1);
  hid_t memory = H5Tcreate (H5T_OPAQUE, sizeof (Reference));
  gboolean done = H5Aread (attr, memory, references) >= 0;
  H5Tclose (memory);
  for (gsize i = 0; done && i < n; i++) {
    char *text = follow (self, &references[i]);
    if (text == NULL)
      return FALSE;
    g_ptr_array_add (texts, text);
  }
  return done;
}

static gboolean
read_fixed (CnnHdf5 *self, hid_t attr, hid_t type, gsize n, GPtrArray *texts)
{
  gsize width = H5Tget_size (type), file_size = g_bytes_get_size (self->bytes);
  if (width == 0 || width > file_size || width * n > file_size)
    return FALSE;
  g_autofree char *block = g_malloc0 (width * n + 1);
  if (H5Aread (attr, type, block) < 0)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (texts, g_strndup (block + i * width, width));
  return TRUE;
}

/* The strings of an attribute, appended to @texts. */
static gboolean
read_strings (CnnHdf5 *self, hid_t object, const char *attribute, GPtrArray *texts)
{
  gboolean done = FALSE;
  if (H5Aexists (object, attribute) <= 0)
    return FALSE;
  hid_t attr = H5Aopen (object, attribute, H5P_DEFAULT);
  if (attr < 0)
    return FALSE;
  hid_t type = H5Aget_type (attr), space = H5Aget_space (attr);
  hssize_t n = H5Sget_simple_extent_npoints (space);
  if (n == 0)
    done = TRUE;
  else if (n > 0 && n <= MAX_NAMES && H5Tget_class (type) == H5T_STRING)
    done = H5Tis_variable_str (type) > 0 ? read_references (self, attr, (gsize)n, texts)
                                         : read_fixed (self, attr, type, (gsize)n, texts);
  H5Sclose (space);
  H5Tclose (type);
  H5Aclose (attr);
  return done;
}

char *
cnn_hdf5_read_text (CnnHdf5 *self, const char *attribute)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  hid_t root = H5Gopen2 (self->file, "/", H5P_DEFAULT);
  if (root < 0)
    return NULL;
  gboolean found = read_strings (self, root, attribute, texts) && texts->len == 1;
  H5Gclose (root);
  return found ? g_ptr_array_steal_index (texts, 0) : NULL;
}

GPtrArray *
cnn_hdf5_read_names (CnnHdf5 *self, const char *path, const char *attribute)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  hid_t object = open_object (self, path);
  if (object < 0)
    return names;
  if (!read_strings (self, object, attribute, names)) {
    /* what does not fit into one attribute is written in pieces */
    for (guint i = 0; i < MAX_NAMES; i++) {
      g_autofree char *piece = g_strdup_printf ("%s%u", attribute, i);
      if (!read_strings (self, object, piece, names))
        break;
    }
  }
  H5Oclose (object);
  return names;
}

static herr_t
list_dataset (hid_t object, const char *name, const H5O_info_t *info, void *data)
{
  GPtrArray *paths = data;
  if (paths->len >= MAX_NAMES)
    return 1;
  if (info->type == H5O_TYPE_DATASET)
    g_ptr_array_add (paths, g_strdup (name));
  return 0;
}

GPtrArray *
cnn_hdf5_list (CnnHdf5 *self)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  H5Ovisit2 (self->file, H5_INDEX_NAME, H5_ITER_INC, list_dataset, paths, H5O_INFO_BASIC);
  return paths;
}

/* Whether the dataset's numbers lie in this file, and as many as the shape needs, before anything is
 * allocated. */
static gboolean
check_storage (CnnHdf5 *self, hid_t dataset, gsize count, gsize width)
{
  hid_t list = H5Dget_create_plist (dataset);
  H5D_layout_t layout = H5Pget_layout (list);
  gboolean inside = layout == H5D_COMPACT || layout == H5D_CHUNKED ||
                    (layout == H5D_CONTIGUOUS && H5Pget_external_count (list) == 0);
  gboolean filtered = H5Pget_nfilters (list) > 0;
  if (layout == H5D_CHUNKED) { /* a chunk is read as a whole */
    hsize_t chunk[H5S_MAX_RANK] = { 0 };
    /* a few times the numbers themselves at most */
    guint64 chunk_bytes = width, most = MIN (MAX_CHUNK, 4 * count * width + (1 << 20));
    int rank = H5Pget_chunk (list, H5S_MAX_RANK, chunk);
    for (int i = 0; i < rank && inside; i++) {
      inside = chunk[i] > 0 && chunk[i] <= most / chunk_bytes;
      chunk_bytes *= inside ? chunk[i] : 1;
    }
  }
  H5Pclose (list);
  gsize stored = H5Dget_storage_size (dataset), file_size = g_bytes_get_size (self->bytes);
  if (!inside || stored > file_size)
    return FALSE;
  return count * width / (filtered ? MAX_EXPANSION : 1) <= stored;
}

/* The numbers where they lie in the mapped file, if they lie there as they are needed. */
static CnnTensor *
map_tensor (CnnHdf5 *self, hid_t dataset, hid_t type, const CnnShape *shape, gsize count)
{
  haddr_t offset = H5Dget_offset (dataset);
  gsize size, bytes = count * sizeof (float);
  const guint8 *data = g_bytes_get_data (self->bytes, &size);
  if (offset == HADDR_UNDEF || H5Tequal (type, H5T_IEEE_F32LE) <= 0 || G_BYTE_ORDER != G_LITTLE_ENDIAN)
    return NULL;
  if (offset > size || bytes > size - offset || ((gsize)(data + offset)) % sizeof (float) != 0)
    return NULL;
  g_autoptr (GBytes) part = g_bytes_new_from_bytes (self->bytes, offset, bytes);
  return cnn_tensor_new (shape, part);
}

/* Whether @dataset is compressed as the HDF5 library cannot undo here. */
static gboolean
lacks_filter (hid_t dataset)
{
  hid_t list = H5Dget_create_plist (dataset);
  int n = H5Pget_nfilters (list);
  gboolean lacks = FALSE;
  for (int i = 0; i < n && !lacks; i++) {
    size_t n_values = 0;
    H5Z_filter_t filter =
        H5Pget_filter2 (list, (unsigned)i, &(unsigned){ 0 }, &n_values, NULL, 0, NULL, &(unsigned){ 0 });
    lacks = filter >= 0 && H5Zfilter_avail (filter) <= 0;
  }
  H5Pclose (list);
  return lacks;
}

static CnnTensor *
read_dataset (CnnHdf5 *self, hid_t dataset, const CnnKerasScope *scope, const char *param,
              const CnnShape *expected, GError **error)
{
  hid_t type = H5Dget_type (dataset), space = H5Dget_space (dataset);
  int rank = H5Sget_simple_extent_ndims (space);
  H5T_class_t class = H5Tget_class (type);
  hsize_t dims[H5S_MAX_RANK] = { 0 };
  CnnTensor *tensor = NULL;
  CnnShape shape = { 0 };
  gsize count = 0;
  gboolean sane = rank >= 0 && rank <= CNN_MAX_RANK && H5Sget_simple_extent_dims (space, dims, NULL) >= 0;
  shape.rank = sane ? (guint)rank : 0;
  for (guint i = 0; i < shape.rank; i++) {
    shape.dims[i] = dims[i] > G_MAXINT64 ? G_MAXINT64 : (gint64)dims[i];
  }
  if (sane && !cnn_keras_check_shape (scope, param, expected, &shape, error)) {
    /* said */
  } else if (!sane || !cnn_shape_count (&shape, &count)) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("Layer “%s”: the file declares an impossible size for its weight “%s”."), scope->path,
                 param);
  } else if (class != H5T_FLOAT && class != H5T_INTEGER) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("Layer “%s”: its weight “%s” is not made of numbers."), scope->path, param);
  } else if (!check_storage (self, dataset, count, H5Tget_size (type))) {
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("Layer “%s”: the file does not hold all the numbers of its weight “%s”; it may have been "
                    "cut off."),
                 scope->path, param);
  } else {
    tensor = map_tensor (self, dataset, type, &shape, count);
    if (tensor == NULL) {
      float *numbers = g_new0 (float, MAX (count, 1));
      if (H5Dread (dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) >= 0)
        tensor = cnn_tensor_new_take (&shape, numbers);
      else {
        g_free (numbers);
        g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                     lacks_filter (dataset)
                         ? _ ("Layer “%s”: its weight “%s” is compressed by a filter that is not known here; "
                              "save it without compression, or with gzip.")
                         : _ ("Layer “%s”: its weight “%s” cannot be read; the file is damaged."),
                     scope->path, param);
      }
    }
  }
  H5Sclose (space);
  H5Tclose (type);
  return tensor;
}

CnnTensor *
cnn_hdf5_read_tensor (CnnHdf5 *self, const char *path, const CnnKerasScope *scope, const char *param,
                      const CnnShape *expected, GError **error)
{
  hid_t object = open_object (self, path);
  CnnTensor *tensor = NULL;
  if (object >= 0 && H5Iget_type (object) == H5I_DATASET)
    tensor = read_dataset (self, object, scope, param, expected, error);
  else
    g_set_error (error, CNN_ERROR, CNN_ERROR_WEIGHTS,
                 _ ("Layer “%s”: its weight “%s” is missing from the file."), scope->path, param);
  if (object >= 0)
    H5Oclose (object);
  return tensor;
}
