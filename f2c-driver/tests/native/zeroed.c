#include <stdio.h>
void zeroed_(int *, char *, int);
int main(void) {
    int n;
    char s[5] = "....";
    for (int i = 0; i < 2; ++i) {
        zeroed_(&n, s, 4);
        printf("%d %d\n", n, s[0] == 'a');
    }
    return 0;
}
