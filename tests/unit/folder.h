#pragma once
/* A folder of a test's own, which is also where it works, and files in it. One at a time. */

/* Go to an empty folder, and leave and remove it again; as cmocka's set-up and tear-down. */
int enter_folder(void **state);
int leave_folder(void **state);

/* Write a file of the working directory. */
void write_file(const char *name, const char *text);
