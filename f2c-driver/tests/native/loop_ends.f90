! Loops that share their last statement, or whose last statement is an action, and are left.
program p
k=0
do 10 i=1,4
do 10 j=1,5
if (j==3) exit
if (i==2) cycle
k = k + 1
10 print *, i, j, k
do 20 i=1,4
do 20 j=1,5
if (j==3) exit
if (i==2) cycle
if (j==2) goto 20
k = k + 1
print *, i, j, k
20 continue
print *, k
do 30 i=1,4
if (i==3) cycle
30 k = k+10
print *, k
do 40 i=1,4
40 if(i.eq.1) cycle
print *, i
m: do 50 i=1,4
do 60 j=1,3
if (j==2 .and. i==3) cycle m
if (j==2 .and. i==4) exit m
60 k=k+100
50 end do m
print *, k
do 70 i=1,4
if (i==3) cycle
k = k + 1
70 continue
print *, k
do 80 while (k < 2000)
do 80 j=1,3
k = k + 500
if (j==2) exit
80 print *, j, k
if (k > 3) then
do 90 i=1,3
do 90 j=1,3
do 90 l=1,3
if (l==2) cycle
if (l+j > 4) exit
k = k + l*j*i
90 continue
endif
print *, k
end
