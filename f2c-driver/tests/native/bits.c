#include <stdio.h>
void bits_(int *, long long *);
int main(void) {
    int k[20] = {0};
    long long l[9] = {0};
    bits_(k, l);
    for (int i = 0; i < 20; i++) printf("%d %x\n", i + 1, k[i]);
    for (int i = 0; i < 9; i++) printf("%d %llx\n", i + 1, l[i]);
    return 0;
}
