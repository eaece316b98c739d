#include <stdio.h>
void join_(char *, int *, char *, char *, size_t, size_t, size_t);
void lastn_(int *);
int kind3_(int *);
void stars_(char *, size_t, int *);
int fact_(int *);
int same_(char *, char *, size_t, size_t);
int main(void) {
    char out[9] = "________", row[7] = "______";
    int n = 2, k, x;
    join_("abc", &n, "xy", out, 3, 2, 8);
    lastn_(&k);
    printf("[%s] %d\n", out, k);
    for (x = -3; x < 4; x += 3)
        printf("%d ", kind3_(&x));
    k = 4;
    stars_(row, 6, &k);
    x = 10;
    printf("[%s] %d %d %d\n", row, fact_(&x), same_("ab  ", "ab", 4, 2) != 0,
           same_("ab", "abc", 2, 3) != 0);
    return 0;
}
