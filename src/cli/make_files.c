#include "cli/make_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/replace.h"

static status cannot_write(const char *path, struct error *err)
{
    return error_set(err, ERROR_INTERNAL, "%s: cannot be written: %s", path, strerror(errno));
}

/* Write a file that must not exist yet. What cannot be written whole is not left behind. */
static status write_new(const char *path, mode_t mode, struct str text, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST) {
        return error_set(err, ERROR_CONFIG, "%s exists; --force overwrites", path);
    }
    if (fd < 0) {
        return cannot_write(path, err);
    }
    status st = write_all(fd, text) ? OK : cannot_write(path, err);
    if (close(fd) != 0 && !failed(st)) {
        st = cannot_write(path, err);
    }
    if (failed(st)) {
        unlink(path);
    }
    return st;
}

/* The temporary name begins with a dot, which readers of directories pass over. */
static status write_over(struct invocation *invocation, const char *path, mode_t mode,
                         struct str text, struct error *err)
{
    struct str all = str_from(path);
    size_t slash = str_rfind(all, '/');
    size_t from = slash < all.n ? slash + 1 : 0;
    const char *temporary = arena_printf(&invocation->arena, "%.*s.%s.%ld~", (int)from, path,
                                         path + from, (long)getpid())
                                .p;
    TRY(write_new(temporary, mode, text, err));
    if (rename(temporary, path) != 0) {
        status st = cannot_write(path, err);
        unlink(temporary);
        return st;
    }
    return OK;
}

status make_file(struct invocation *invocation, const char *path, mode_t mode, bool force,
                 struct str text, struct error *err)
{
    return force ? write_over(invocation, path, mode, text, err) : write_new(path, mode, text, err);
}

static status make_folder(const char *path, struct error *err)
{
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        return error_set(err, ERROR_INTERNAL, "%s: cannot be made: %s", path, strerror(errno));
    }
    return OK;
}

static const char *path_of(struct invocation *invocation, const char *folder, const char *name)
{
    return arena_printf(&invocation->arena, "%s/%s", folder, name).p;
}

static status check_free(const char *path, struct error *err)
{
    struct stat found;
    if (lstat(path, &found) == 0) {
        return error_set(err, ERROR_CONFIG, "%s exists; --force overwrites", path);
    }
    return OK;
}

static status write_one(struct invocation *invocation, const char *folder, bool force,
                        const struct made_file *file, struct error *err)
{
    const char *slash = strchr(file->name, '/');
    if (slash != NULL) {
        TRY(make_folder(arena_printf(&invocation->arena, "%s/%.*s", folder,
                                     (int)(slash - file->name), file->name)
                            .p,
                        err));
    }
    const char *path = path_of(invocation, folder, file->name);
    TRY(make_file(invocation, path, file->secret ? 0600 : 0644, force, file->text, err));
    fputs("wrote ", invocation->out);
    output_text(invocation->out, str_from(path));
    fputc('\n', invocation->out);
    return OK;
}

status make_files(struct invocation *invocation, const char *folder, bool force,
                  const struct made_file *files, size_t n, struct error *err)
{
    for (size_t i = 0; i < n && !force; i++) {
        TRY(check_free(path_of(invocation, folder, files[i].name), err));
    }
    TRY(make_folder(folder, err));
    for (size_t i = 0; i < n; i++) {
        TRY(write_one(invocation, folder, force, &files[i], err));
    }
    return OK;
}

void make_stream(FILE *out, const char *folder, const struct made_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "%s# %s%s%s\n", i > 0 ? "---\n" : "", folder, *folder != 0 ? "/" : "",
                files[i].name);
        fwrite(files[i].text.p, 1, files[i].text.n, out);
    }
}
