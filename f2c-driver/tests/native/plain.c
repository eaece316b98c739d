#include <stdio.h>
#include <string.h>
void my_sub(int *, char *, size_t);
void other(int *);
int main(void) {
    int n = 1;
    char s[6] = "......";
    my_sub(&n, s, 5);
    my_sub(&n, s, 5);
    other(&n);
    printf("%d [%.5s]\n", n, s);
    return 0;
}
