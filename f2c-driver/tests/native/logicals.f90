! Assignments between LOGICAL and INTEGER.
subroutine s(l,i,n)
logical l(n)
integer i(n),n
l(1)=i(1)
i(1)=l(2)
if (l(1)) i(2)=l(1)
if (i(1) == 1) l(2)=i(1)-1
i=l
l=i-1
i(1:2)=l(2:3)
print *, l,i
end
program q
logical l(3),m
data l/.true.,.false.,.true./
integer i(3)
data i/7,0,-2/
call s(l,i,3)
call kinds
m = iand(i(1),1)
print *,m
i(1)=i(2).eq.i(3)
print *, i(1)
k = m .and. l(1)
print *, k
end
subroutine kinds
logical l
logical(1) l1
integer i
integer(1) i1
integer(8) i8
real x
l=.true.
i=l
print *, i
i=.false.
i8=.true.
i1=l
print *, i,i8,i1
l=2
print *, l
i=-4
l=i
print *, l
l1=i
print *, l1
l=0
l1=i8-1
print *, l,l1
i=.not.l
print *, i
l=i8
print *,l
end subroutine
